import { parseRule } from '../recurrence/parse-rule.ts'
import { formatRule } from '../recurrence/rule.ts'
import { shiftRule } from '../recurrence/shift-rule.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, type Interval, plus } from '../time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../time/local-time.ts'
import { type Zone, findZone } from '../time/zone.ts'
import { isLive } from './meeting.ts'
import { type RecurrenceInput, type Schedule, type TimeInput, momentOf, planFrom } from './plan-schedule.ts'
import type { MeetingAggregate } from './ports.ts'

/** Any part of when a meeting is. `recurrencePattern: null` makes a series a single meeting. */
export interface TimeChange {
  startTime?: TimeInput | undefined
  endTime?: TimeInput | undefined
  timezone?: string | undefined
  recurrencePattern?: RecurrenceInput | null | undefined
}

export interface Rescheduled extends Schedule {
  /** Recurrence ids that stay cancelled, in the new schedule's terms. */
  cancelled: Set<LocalTime>
  warnings: string[]
}

export function changesTime({ startTime, endTime, timezone, recurrencePattern }: TimeChange): boolean {
  return startTime !== undefined || endTime !== undefined || timezone !== undefined || recurrencePattern !== undefined
}

/**
 * Moves a whole meeting (CONTRACT.md, Scopes: `all`): `startTime` alone keeps the duration, `timezone` alone keeps the wall
 * time, and every recurrence id shifts by the same local difference, so cancelled occurrences survive. A new rule drops
 * those it no longer yields and names them.
 */
export function reschedule(before: MeetingAggregate, change: TimeChange, now: Instant): Result<Rescheduled, Refusal> {
  const { meeting } = before
  const zone = findZone(change.timezone ?? meeting.timezone)
  if (zone === undefined) return err(refuse('invalid_timezone', `${change.timezone} is not an IANA time zone.`))
  const kept = change.recurrencePattern === null ? firstLive(before) : meeting
  const span = movedSpan(kept, change, zone)
  if (!span.ok) return span
  const shiftMs = zone.wallAt(span.value.start) - wallMs(kept.localStart)
  const recurrence = recurrenceAfter(before, change, wallMs(meeting.localStart), shiftMs)
  if (!recurrence.ok) return recurrence
  const schedule = planFrom(zone, span.value, recurrence.value, now)
  if (!schedule.ok) return schedule
  return ok({ ...schedule.value, ...carryCancelled(before, schedule.value, shiftMs, change.recurrencePattern !== undefined) })
}

interface Kept extends Interval {
  localStart: LocalTime
}

function firstLive({ meeting, occurrences }: MeetingAggregate): Kept {
  const first = occurrences.filter(isLive).toSorted((a, b) => a.start - b.start)[0]
  return first === undefined ? meeting : { localStart: first.recurrenceId, start: first.start, end: first.end }
}

function movedSpan(kept: Kept, change: TimeChange, zone: Zone): Result<Interval, Refusal> {
  const still = change.timezone === undefined ? kept.start : zone.instantOf(wallMs(kept.localStart))
  const start = change.startTime ? momentOf(change.startTime, zone, 'startTime') : ok(still)
  if (!start.ok) return start
  const end = change.endTime ? momentOf(change.endTime, zone, 'endTime') : ok(plus(start.value, kept.end - kept.start))
  return end.ok ? ok({ start: start.value, end: end.value }) : end
}

function recurrenceAfter(
  { meeting }: MeetingAggregate,
  { recurrencePattern }: TimeChange,
  fromWall: number,
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
  const moved = shiftMs === 0 ? rule.value : shiftRule(rule.value, fromWall, fromWall + shiftMs)
  if (moved === undefined) {
    const detail = `The rule ${meeting.rrule} pins the time, and this move leaves open what it should become: send a new recurrencePattern.`
    return err(refuse('invalid_recurrence', detail, { errors: [{ pointer: '/recurrencePattern', detail }] }))
  }
  return ok({ rrule: formatRule(moved), ...shifted })
}

function carryCancelled(before: MeetingAggregate, schedule: Schedule, shiftMs: number, isNewRule: boolean) {
  const yielded = new Set(schedule.slots.map((slot) => slot.recurrenceId))
  const cancelled = new Set<LocalTime>()
  const warnings: string[] = []
  for (const { status, recurrenceId } of before.occurrences) {
    if (status !== 'cancelled') continue
    const id = shift(recurrenceId, shiftMs)
    if (yielded.has(id)) cancelled.add(id)
    else if (isNewRule) warnings.push(`The new rule has no occurrence ${id}; that it was cancelled is forgotten.`)
  }
  return { cancelled, warnings }
}

function shift(local: LocalTime, shiftMs: number): LocalTime {
  return localTimeOf(wallMs(local) + shiftMs)
}
