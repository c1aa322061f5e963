import { expand, lastInstance } from '../../recurrence/expand.ts'
import { instant } from '../../time/instant.ts'
import { parseBasicLocalTime, wallMs, type LocalTime } from '../../time/local-time.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import type { Meeting, Occurrence, Slot } from '../meeting.ts'
import type { MeetingAggregate } from '../ports.ts'
import { givenAt, instanceOf, recurrenceOf, slotOf } from '../series-times.ts'

export type ScopeName = 'this' | 'following' | 'all'

/** What a command on a meeting is about, as a client says it (CONTRACT.md, Scopes). */
export interface ScopeInput {
  /** `all` when absent. */
  scope?: ScopeName | undefined
  /** The occurrence, basic form; goes with `this` and `following` only. */
  recurrenceId?: string | undefined
}

/**
 * The same with what it means for this meeting: the whole of one is `all`, however it was said. `anchor`: the occurrence that
 * times are given for; the rule's first one when absent.
 */
export type Target =
  { scope: 'all'; anchor?: Slot | undefined } | { scope: 'this' | 'following'; occurrence: Occurrence }

/** The shape, before any meeting is looked at. */
export function scopeRefusal({ scope = 'all', recurrenceId }: ScopeInput): Refusal | undefined {
  const isWhole = scope === 'all'
  if (isWhole === (recurrenceId === undefined)) return undefined
  const detail = isWhole
    ? 'Scope all takes no recurrenceId.'
    : `Scope ${scope} takes the recurrenceId of an occurrence.`
  return refuse('invalid_input', detail, { errors: [{ pointer: '/recurrenceId', detail }] })
}

/**
 * `not_found` where the meeting has no such occurrence. One beyond the materialised horizon is there as soon as it is
 * addressed. A single meeting is all there is of it, and nothing follows what stays cancelled beside it. `following` is
 * everything from the rule's first instance on, cancelled or not, and from whatever nothing comes before.
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
  const isGone = occurrence.override?.cancelled === true
  if (meeting.rrule === null) return ok(isGone ? { scope: 'this', occurrence } : { scope: 'all' })
  const isWhole = scope === 'following' && !isGone && isBeforeAll(meeting, occurrence.recurrenceId)
  return ok(isWhole ? { scope: 'all', anchor: slotOf(meeting, occurrence.recurrenceId) } : { scope, occurrence })
}

/** Of a series: none of its occurrences, cancelled or not, comes before that. */
export function isBeforeAll(meeting: Meeting, id: LocalTime): boolean {
  const set = recurrenceOf(meeting)
  return expand(set, instant(-Infinity), set.zone.instantOf(wallMs(id)), 1).length === 0
}

/**
 * Of a series: it has ended before that occurrence, which its rule would give if it went on. To end it there once more is
 * nothing.
 */
export function hasEndedBefore({ meeting }: MeetingAggregate, recurrenceId: string | undefined): boolean {
  const id = parseBasicLocalTime(recurrenceId ?? '')
  const { rule, ...set } = recurrenceOf(meeting)
  if (id === undefined || rule === null) return false
  const endless = { ...set, rule: { ...rule, count: null, until: null }, exdates: [], rdates: [] }
  const last = lastInstance({ ...set, rule, exdates: [], rdates: [] })
  return last !== undefined && id > last.recurrenceId && instanceOf(endless, id) !== undefined
}

/** The row of that identity, or what its row would be if the rule gives it and nobody has asked so far ahead. */
export function occurrenceAt({ meeting, occurrences }: MeetingAggregate, id: LocalTime): Occurrence | undefined {
  const row = occurrences.find((one) => one.recurrenceId === id)
  if (row !== undefined || meeting.rrule === null) return row
  if (instanceOf(recurrenceOf(meeting), id) === undefined) return undefined
  return givenAt(meeting, id)
}
