import { acceptRule } from '../recurrence/accept-rule.ts'
import { type RecurrenceSet, expand, lastInstance } from '../recurrence/expand.ts'
import { formatRule } from '../recurrence/rule.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, type Interval, instant, plus } from '../time/instant.ts'
import { type LocalTime, localTimeOf, parseBasicLocalTime, wallMs } from '../time/local-time.ts'
import { type Zone, findZone } from '../time/zone.ts'
import { BOUNDS, horizonOf } from './meeting.ts'

/** A time as a client says it: a moment, or a wall clock in the meeting's zone. */
export type TimeInput = { instant: Instant } | { local: LocalTime; timezone?: string | undefined }

export interface RecurrenceInput {
  rrule: string
  exdates?: string[] | undefined
  rdates?: string[] | undefined
}

export interface ScheduleInput {
  start: TimeInput
  end: TimeInput
  timezone: string
  recurrence: RecurrenceInput | null
}

/** When a meeting is: its rule in canonical form and every slot up to the horizon. */
export interface Schedule extends Interval {
  timezone: string
  localStart: LocalTime
  rrule: string | null
  exdates: LocalTime[]
  rdates: LocalTime[]
  materialisedUntil: Instant
  slots: Slot[]
}

export interface Slot extends Interval {
  recurrenceId: LocalTime
}

/** What a client said about time, made exact. Refuses with `invalid_time…`, `invalid_recurrence` or `too_large`. */
export function planSchedule(input: ScheduleInput, now: Instant): Result<Schedule, Refusal> {
  const zone = findZone(input.timezone)
  if (zone === undefined) return err(refuse('invalid_timezone', `${input.timezone} is not an IANA time zone.`))
  const start = momentOf(input.start, zone, 'startTime')
  if (!start.ok) return start
  const end = momentOf(input.end, zone, 'endTime')
  if (!end.ok) return end
  return planFrom(zone, { start: start.value, end: end.value }, input.recurrence, now)
}

/** The same for a moment already known, as when only the rule or the rooms of a meeting change. */
export function planFrom(
  zone: Zone,
  span: Interval,
  recurrence: RecurrenceInput | null,
  now: Instant,
): Result<Schedule, Refusal> {
  const durationMs = span.end - span.start
  if (durationMs <= 0) return err(wrongTime('endTime', 'The end must be after the start.'))
  if (durationMs > BOUNDS.durationMs) return err(refuse('too_large', 'A meeting lasts at most 14 days.'))
  const localStart = localTimeOf(zone.wallAt(span.start))
  const base = { ...span, timezone: zone.name, localStart }
  if (recurrence === null) {
    const slots = [{ ...span, recurrenceId: localStart }]
    return ok({ ...base, rrule: null, exdates: [], rdates: [], materialisedUntil: instant(Infinity), slots })
  }
  return planSeries(zone, base, recurrence, now)
}

function planSeries(
  zone: Zone,
  base: Interval & { timezone: string; localStart: LocalTime },
  recurrence: RecurrenceInput,
  now: Instant,
): Result<Schedule, Refusal> {
  if (zone.instantOf(wallMs(base.localStart)) !== base.start) {
    return err(wrongTime('startTime', 'That local time happens twice; a series starts on its first pass.'))
  }
  const rule = acceptRule(recurrence.rrule, base.localStart, zone)
  if (!rule.ok) return rule
  const exdates = localTimes(recurrence.exdates, 'EXDATE')
  if (!exdates.ok) return exdates
  const rdates = localTimes(recurrence.rdates, 'RDATE')
  if (!rdates.ok) return rdates

  const set: RecurrenceSet = { start: base.localStart, zone, rule: rule.value, exdates: exdates.value, rdates: rdates.value }
  const horizon = horizonOf(now, base.start)
  const instances = expand(set, instant(-Infinity), horizon, BOUNDS.occurrences + 1)
  if (instances.length > BOUNDS.occurrences) {
    return err(refuse('too_large', `A series has at most ${BOUNDS.occurrences} occurrences in 13 months.`))
  }
  if (instances.length === 0) return err(refuse('invalid_recurrence', 'The exceptions leave no occurrence at all.'))
  const durationMs = base.end - base.start
  const last = lastInstance(set)
  return ok({
    ...base,
    rrule: formatRule(rule.value),
    exdates: exdates.value,
    rdates: rdates.value,
    materialisedUntil: last !== undefined && last.start < horizon ? instant(Infinity) : horizon,
    // Durations are exact elapsed time (CONTRACT.md): only the start follows the wall clock.
    slots: instances.map(({ recurrenceId, start }) => ({ recurrenceId, start, end: plus(start, durationMs) })),
  })
}

/** A client’s time as a moment in the zone of its meeting. */
export function momentOf(input: TimeInput, zone: Zone, field: string): Result<Instant, Refusal> {
  if ('instant' in input) return ok(input.instant)
  if (input.timezone !== undefined && input.timezone !== zone.name) {
    return err(wrongTime(field, `${input.timezone} differs from the meeting's time zone ${zone.name}.`))
  }
  return ok(zone.instantOf(wallMs(input.local)))
}

function localTimes(given: string[] | undefined, part: string): Result<LocalTime[], Refusal> {
  const times: LocalTime[] = []
  for (const text of given ?? []) {
    const local = parseBasicLocalTime(text)
    if (local === undefined) {
      const detail = `${part} takes local times in basic form, such as 20261124T100000.`
      return err(refuse('invalid_recurrence', detail, { errors: [{ part, detail }] }))
    }
    times.push(local)
  }
  return ok([...new Set(times)].toSorted())
}

function wrongTime(field: string, detail: string): Refusal {
  return refuse('invalid_time', detail, { errors: [{ pointer: `/${field}`, detail }] })
}
