import type { Ids } from '../deps.ts'
import type { Refusal } from '../refusals.ts'
import { type Result, ok } from '../result.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type ClaimChange, type ClaimRequest, type Standing, planClaims } from './claims.ts'
import { isLive } from './meeting.ts'
import { type Repair, type Repairs, repaired } from './plans/repairs.ts'
import type { MeetingAggregate } from './ports.ts'
import { type OnConflict, conflictsPerOccurrence } from './settle-lost.ts'

/** A meeting, and what all of it asks of rooms and people. */
interface Wanted {
  aggregate: MeetingAggregate
  request: ClaimRequest
}

interface Fitting extends Wanted {
  change: ClaimChange
  /** What is not in it any more, and why. */
  leftOut: Repairs
}

/**
 * What a meeting claims, as `planClaims` says it; with `skip` without the occurrences that a room forbids because of its rules or
 * its size, or because it is closed, as long as one is left. Else refused as a whole, with all that is in the way. Pure.
 */
export function planWhatFits(
  ids: Ids,
  wanted: Wanted,
  onConflict: OnConflict,
  standing?: Standing,
): Result<Fitting, Refusal> {
  const { aggregate, request } = wanted
  const planned = planClaims(ids, request, standing)
  if (planned.ok) return ok({ ...wanted, change: planned.value, leftOut: new Map() })
  const leftOut = onConflict === 'skip' ? forbiddenBy(planned.error) : new Map()
  const rest = repaired(aggregate, leftOut)
  if (leftOut.size === 0 || !rest.occurrences.some(isLive)) return planned
  // A refusal names so many occurrences, and one room after the other.
  const asked = { aggregate: rest, request: { ...request, occurrences: rest.occurrences } }
  const fitting = planWhatFits(ids, asked, onConflict, standing)
  return fitting.ok ? ok({ ...fitting.value, leftOut: new Map([...leftOut, ...fitting.value.leftOut]) }) : planned
}

/** A series that overlaps itself is no conflict with anybody. */
function forbiddenBy(refusal: Refusal): Map<LocalTime, Repair> {
  const isOfRooms = refusal.code === 'rule_violation' || refusal.code === 'capacity'
  const told = isOfRooms ? conflictsPerOccurrence(refusal) : []
  return new Map(
    told.map(({ recurrenceId, detail }) => [recurrenceId, { kind: 'skip', reasons: detail ? [detail] : [] }]),
  )
}
