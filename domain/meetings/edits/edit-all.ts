import type { Visibility } from '../../identity/can.ts'
import type { Refusal } from '../../refusals.ts'
import { type Result, ok } from '../../result.ts'
import type { Instant } from '../../time/instant.ts'
import type { Meeting, MeetingStatus, Occurrence, Participant, Slot } from '../meeting.ts'
import { type Look, lookOf, statusOf } from '../occurrence-look.ts'
import type { MeetingAggregate } from '../ports.ts'
import { type Rescheduled, type TimeChange, changesTime, firstLive, reschedule } from './reschedule.ts'

/** What a change says, apart from people, who are looked up first. What is absent stays as it is. */
export interface Edit extends TimeChange {
  title?: string | undefined
  description?: string | undefined
  roomIds?: readonly string[] | undefined
  status?: Extract<MeetingStatus, 'tentative' | 'confirmed'> | undefined
  visibility?: Visibility | undefined
  metadata?: object | undefined
}

export interface Edited {
  aggregate: MeetingAggregate
  /** Sentences: what became of exceptions. */
  warnings: string[]
}

interface Circumstances {
  now: Instant
  tzVersion: string
  /** Who is invited to the series; undefined: who was. */
  invited: readonly Participant[] | undefined
  /** The occurrence that the times are given for; the first one when absent. */
  anchor?: Slot | undefined
}

/**
 * Scope `all` (CONTRACT.md): set on the series and on every occurrence that has nothing of its own there. Pure; what rooms and
 * other people say to it is asked afterwards. Refuses what a schedule refuses.
 */
export function editAll(
  before: MeetingAggregate,
  edit: Edit,
  { now, tzVersion, invited, anchor }: Circumstances,
): Result<Edited, Refusal> {
  const timed = changesTime(edit) ? reschedule(before, edit, now, anchor) : ok(undefined)
  if (!timed.ok) return timed
  const base = edit.recurrencePattern === null ? asItsFirst(before) : before
  const answered = invited ? withAnswersOf(invited) : undefined
  const meeting = meetingAfter(before.meeting, base.meeting, edit, timed.value, { now, tzVersion })
  const isRetried = timed.value !== undefined || edit.roomIds !== undefined
  const occurrences = (timed.value?.occurrences ?? before.occurrences).map((one) => ({
    ...one,
    ...answered?.(one),
    status: statusOf(meeting, one, isRetried),
  }))
  return ok({
    aggregate: { meeting, participants: stillNamed(base.participants, invited, occurrences), occurrences },
    warnings: timed.value?.warnings ?? [],
  })
}

/** What remains of a series is its first occurrence as it is, with all it had of its own. */
function asItsFirst({ meeting, participants, occurrences }: MeetingAggregate): MeetingAggregate {
  const first = meeting.rrule === null ? undefined : firstLive({ meeting, participants, occurrences })
  if (first === undefined) return { meeting, participants, occurrences }
  const { participants: here, ...look }: Look = lookOf({ meeting, participants }, first)
  const known = new Set(here.map(({ id }) => id))
  // What stays cancelled beside it may name others.
  const others = participants.filter(({ id }) => !known.has(id)).map((p) => ({ ...p, inSeries: false }))
  return {
    meeting: { ...meeting, ...look, status: first.override?.status ?? meeting.status },
    participants: [...here, ...others],
    occurrences,
  }
}

/** Who is not invited any more takes what he answered along, also to single occurrences. */
function withAnswersOf(invited: readonly Participant[]): (occurrence: Occurrence) => Pick<Occurrence, 'override'> {
  const ids = new Set(invited.map(({ id }) => id))
  return ({ override }) => {
    if (override?.answers === undefined || override.participants !== undefined) return { override }
    const { answers, ...own } = override
    const kept = Object.entries(answers).filter(([id]) => ids.has(id))
    const rest = kept.length === 0 ? own : { ...own, answers: Object.fromEntries(kept) }
    return { override: Object.keys(rest).length === 0 ? null : rest }
  }
}

function meetingAfter(
  before: Meeting,
  base: Meeting,
  edit: Edit,
  timed: Rescheduled | undefined,
  { now, tzVersion }: Pick<Circumstances, 'now' | 'tzVersion'>,
): Meeting {
  const { title = base.title, description = base.description } = edit
  const { occurrences: _, warnings: __, ...times } = timed ?? {}
  const isTextNew = title !== before.title || description !== before.description
  return {
    ...base,
    ...times,
    // The version of the zone data belongs to what was resolved with it.
    ...(timed && { tzVersion }),
    title,
    description,
    status: edit.status ?? base.status,
    visibility: edit.visibility ?? base.visibility,
    metadata: edit.metadata ?? base.metadata,
    roomIds: edit.roomIds ? [...new Set(edit.roomIds)] : base.roomIds,
    version: before.version + 1,
    textRevision: before.textRevision + (isTextNew ? 1 : 0),
    updatedAt: now,
  }
}

/** Who is in the series, and whom single occurrences name. */
export function stillNamed(
  participants: readonly Participant[],
  invited: readonly Participant[] | undefined,
  occurrences: readonly Occurrence[],
): Participant[] {
  const series = invited ?? participants.filter((p) => p.inSeries)
  const inSeries = new Set(series.map((p) => p.id))
  const named = new Set(occurrences.flatMap(({ override }) => override?.participants?.map(({ id }) => id) ?? []))
  const others = participants
    .filter((p) => !inSeries.has(p.id) && named.has(p.id))
    .map((p) => ({ ...p, inSeries: false }))
  // As the store reads them, so that every answer shows one order.
  return [...series, ...others].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
