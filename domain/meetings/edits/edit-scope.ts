import { parseBasicLocalTime, type LocalTime } from '../../time/local-time.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import type { Occurrence } from '../meeting.ts'
import type { MeetingAggregate } from '../ports.ts'
import { instanceOf, placed, recurrenceOf } from '../series-times.ts'

export type ScopeName = 'this' | 'following' | 'all'

/** What a command on a meeting is about, as a client says it (CONTRACT.md, Scopes). */
export interface ScopeInput {
  /** `all` when absent. */
  scope?: ScopeName | undefined
  /** The occurrence, basic form; goes with `this` and `following` only. */
  recurrenceId?: string | undefined
}

/** The same with what it means for this meeting: the whole of one is `all`, however it was said. */
export type Target = { scope: 'all' } | { scope: 'this' | 'following'; occurrence: Occurrence }

/** The shape, before any meeting is looked at. */
export function scopeRefusal({ scope = 'all', recurrenceId }: ScopeInput): Refusal | undefined {
  const isWhole = scope === 'all'
  if (isWhole === (recurrenceId === undefined)) return undefined
  const detail = isWhole
    ? 'Scope all takes no recurrenceId.'
    : `Scope ${scope} takes the recurrenceId of an occurrence.`
  return refuse('invalid_input', detail, { errors: [{ pointer: '/query/recurrenceId', detail }] })
}

/**
 * `not_found` where the meeting has no such occurrence. One beyond the materialised horizon is there as soon as it is
 * addressed. A single meeting is all there is of it; `following` from the first instance on, cancelled or not, is everything.
 */
export function targetOf(
  aggregate: MeetingAggregate,
  { scope = 'all', recurrenceId }: ScopeInput,
): Result<Target, Refusal> {
  if (scope === 'all') return ok({ scope })
  const id = parseBasicLocalTime(recurrenceId ?? '')
  const { meeting } = aggregate
  if (id !== undefined && scope === 'following' && meeting.rrule !== null && id === meeting.localStart)
    return ok({ scope: 'all' })
  const occurrence = id && occurrenceAt(aggregate, id)
  if (occurrence === undefined) return err(refuse('not_found', 'The meeting has no such occurrence.'))
  const isWhole =
    isOnlyOne(aggregate, occurrence) || (scope === 'following' && occurrence.recurrenceId < meeting.localStart)
  return ok(isWhole ? { scope: 'all' } : { scope, occurrence })
}

/** The row of that identity, or what its row would be if the rule gives it and nobody has asked so far ahead. */
export function occurrenceAt({ meeting, occurrences }: MeetingAggregate, id: LocalTime): Occurrence | undefined {
  const row = occurrences.find((one) => one.recurrenceId === id)
  if (row !== undefined || meeting.rrule === null) return row
  if (instanceOf(recurrenceOf(meeting), id) === undefined) return undefined
  return { ...placed(meeting, id, null), status: meeting.status, override: null }
}

/** What cancelled single meetings of a former series are beside it is no meeting. */
function isOnlyOne({ meeting }: MeetingAggregate, { override }: Occurrence): boolean {
  return meeting.rrule === null && override?.cancelled !== true
}
