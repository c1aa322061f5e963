import { parseRule } from '../recurrence/parse-rule.ts'
import { formatRule } from '../recurrence/rule.ts'
import { shiftRule } from '../recurrence/shift-rule.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, plus } from '../time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../time/local-time.ts'
import { type Zone, findZone } from '../time/zone.ts'
import { isLive } from './meeting.ts'
import {
  type Moment,
  type RecurrenceInput,
  type Schedule,
  type Slot,
  type TimeInput,
  momentOf,
  planFrom,
} from './plan-schedule.ts'
import type { MeetingAggregate } from './ports.ts'

/** Any part of when a meeting is. `recurrencePattern: null` makes a series a single meeting. */
export interface TimeChange {
  startTime?: TimeInput | undefined
  endTime?: TimeInput | undefined
  timezone?: string | undefined
  recurrencePattern?: RecurrenceInput | null | undefined
}

export interface Rescheduled extends Schedule {
  /** What stays cancelled, in the new schedule's terms, whether or not it yields them. */
  cancelled: Slot[]
  warnings: string[]
}

export function changesTime({ startTime, endTime, timezone, recurrencePattern }: TimeChange): boolean {
  return startTime !== undefined || endTime !== undefined || timezone !== undefined || recurrencePattern !== undefined
}

/**
 * Moves a whole meeting (CONTRACT.md, Scopes: `all`): `startTime` alone keeps the duration, `timezone` alone keeps the wall
 * time, and every recurrence id shifts by the same local difference. What was cancelled stays so for the life of the
 * meeting, also while its rule does not give it; a new rule that does not is said in `warnings`.
 */
export function reschedule(before: MeetingAggregate, change: TimeChange, now: Instant): Result<Rescheduled, Refusal> {
  const zone = findZone(change.timezone ?? before.meeting.timezone)
  if (zone === undefined) return err(refuse('invalid_timezone', `${change.timezone} is not an IANA time zone.`))
  const kept = change.recurrencePattern === null ? firstLive(before) : before.meeting
  const moved = movedTo(kept, change, zone, before.meeting.timezone)
  if (!moved.ok) return moved
  const shiftMs = wallMs(moved.value.localStart) - wallMs(kept.localStart)
  const recurrence = recurrenceAfter(before, change, shiftMs)
  if (!recurrence.ok) return recurrence
  const schedule = planFrom(zone, moved.value, recurrence.value, now)
  if (!schedule.ok) return schedule
  const cancelled = shiftCancelled(before, moved.value, zone, shiftMs)
  const warnings = change.recurrencePattern ? stillCancelledWarnings(cancelled, schedule.value) : []
  return ok({ ...schedule.value, cancelled, warnings })
}

function firstLive({ meeting, occurrences }: MeetingAggregate): Moment {
  const first = occurrences.filter(isLive).toSorted((a, b) => a.start - b.start)[0]
  return first === undefined ? meeting : { localStart: first.recurrenceId, start: first.start, end: first.end }
}

function movedTo(kept: Moment, change: TimeChange, zone: Zone, zoneBefore: string): Result<Moment, Refusal> {
  const start = startAfter(kept, change.startTime, zone, zone.name === zoneBefore)
  if (!start.ok) return start
  const { at, local } = start.value
  const end = change.endTime ? momentOf(change.endTime, zone, 'endTime') : ok({ at: plus(at, kept.end - kept.start) })
  return end.ok ? ok({ start: at, localStart: local, end: end.value.at }) : end
}

function startAfter(kept: Moment, given: TimeInput | undefined, zone: Zone, isSameZone: boolean) {
  const standing = { at: kept.start, local: kept.localStart }
  if (given === undefined)
    return ok(isSameZone ? standing : { ...standing, at: zone.instantOf(wallMs(kept.localStart)) })
  // Who sends the start back as he got it moves nothing, also where a gap makes the clock show something else.
  if (isSameZone && 'instant' in given && given.instant === kept.start) return ok(standing)
  return momentOf(given, zone, 'startTime')
}

function recurrenceAfter(
  { meeting }: MeetingAggregate,
  { recurrencePattern }: TimeChange,
  shiftMs: number,
): Result<RecurrenceInput | null, Refusal> {
  if (recurrencePattern === null) return ok(null)
  const shifted = {
    exdates: meeting.exdates.map((local) => shift(local, shiftMs)),
    rdates: meeting.rdates.map((local) => shift(local, shiftMs)),
  }
  if (recurrencePattern !== undefined) {
    const { rrule, exdates = shifted.exdates, rdates = shifted.rdates } = recurrencePattern
    return ok({ rrule, exdates, rdates })
  }
  if (meeting.rrule === null) return ok(null)
  const rule = parseRule(meeting.rrule)
  if (!rule.ok) return rule
  const from = wallMs(meeting.localStart)
  const moved = shiftRule(rule.value, from, from + shiftMs)
  if (moved === undefined) {
    const detail = `The rule ${meeting.rrule} pins the time, and this move leaves open what it should become: send a new recurrencePattern.`
    return err(refuse('invalid_recurrence', detail, { errors: [{ pointer: '/recurrencePattern', detail }] }))
  }
  return ok({ rrule: formatRule(moved), ...shifted })
}

function shiftCancelled({ occurrences }: MeetingAggregate, moved: Moment, zone: Zone, shiftMs: number): Slot[] {
  return occurrences
    .filter((occurrence) => occurrence.status === 'cancelled')
    .map(({ recurrenceId }) => {
      const id = shift(recurrenceId, shiftMs)
      const start = zone.instantOf(wallMs(id))
      return { recurrenceId: id, start, end: plus(start, moved.end - moved.start) }
    })
}

function stillCancelledWarnings(cancelled: readonly Slot[], { slots }: Schedule): string[] {
  const given = new Set(slots.map((slot) => slot.recurrenceId))
  return cancelled
    .filter(({ recurrenceId }) => !given.has(recurrenceId))
    .map(
      ({ recurrenceId }) => `The new rule gives no occurrence ${recurrenceId}; should a later one, it stays cancelled.`,
    )
}

function shift(local: LocalTime, shiftMs: number): LocalTime {
  return localTimeOf(wallMs(local) + shiftMs)
}
