import { acceptRule } from '../recurrence/accept-rule.ts'
import { type RecurrenceSet, expand, lastInstance } from '../recurrence/expand.ts'
import { formatRule } from '../recurrence/rule.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { dayNumber } from '../time/civil.ts'
import { type Instant, type Interval, DAY_MS, SECOND_MS, instant, plus } from '../time/instant.ts'
import { type LocalTime, FIRST_YEAR, LAST_YEAR, localTimeOf, parseBasicLocalTime, wallMs } from '../time/local-time.ts'
import { type Zone, findZone } from '../time/zone.ts'
import { BOUNDS, type Slot, horizonOf } from './meeting.ts'
import { endOf, isStartOfDay } from './series-times.ts'

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
  /** From midnight to midnight; false when absent. */
  allDay?: boolean | undefined
}

/** When a meeting begins and ends. `localStart` is the wall clock meant, which a clock on the wall never shows inside a gap. */
export interface Moment extends Interval {
  localStart: LocalTime
}

/** When a meeting is: its rule in canonical form and every slot up to the horizon. */
export interface Schedule extends Moment {
  timezone: string
  allDay: boolean
  rrule: string | null
  exdates: LocalTime[]
  rdates: LocalTime[]
  materialisedUntil: Instant
  slots: Slot[]
}

/** What a client said about time, made exact. Refuses with `invalid_time`, `invalid_timezone`, `invalid_recurrence` or `too_large`. */
export function planSchedule(input: ScheduleInput, now: Instant): Result<Schedule, Refusal> {
  const zone = findZone(input.timezone)
  if (zone === undefined) return err(refuse('invalid_timezone', `${input.timezone} is not an IANA time zone.`))
  const start = momentOf(input.start, zone, 'startTime')
  if (!start.ok) return start
  const end = momentOf(input.end, zone, 'endTime')
  if (!end.ok) return end
  const moment = { start: start.value.at, localStart: start.value.local, end: end.value.at }
  return planFrom(zone, moment, input.recurrence, now, input.allDay)
}

/** The same for a moment already known, as when only the rule of a meeting changes. */
export function planFrom(
  zone: Zone,
  moment: Moment,
  recurrence: RecurrenceInput | null,
  now: Instant,
  allDay = false,
): Result<Schedule, Refusal> {
  const durationMs = moment.end - moment.start
  if (durationMs <= 0) return err(wrongTime('endTime', 'The end must be after the start.'))
  if (durationMs > BOUNDS.durationMs) return err(refuse('too_large', 'A meeting lasts at most 14 days.'))
  const odd = allDay ? notADay(zone, moment) : undefined
  if (odd !== undefined) return err(odd)
  const base = { ...moment, timezone: zone.name, allDay }
  if (recurrence === null) {
    const slots = [{ start: moment.start, end: moment.end, recurrenceId: moment.localStart }]
    return ok({ ...base, rrule: null, exdates: [], rdates: [], materialisedUntil: instant(Infinity), slots })
  }
  return planSeries(zone, base, recurrence, now)
}

function planSeries(
  zone: Zone,
  base: Moment & { timezone: string; allDay: boolean },
  recurrence: RecurrenceInput,
  now: Instant,
): Result<Schedule, Refusal> {
  // Local times know whole seconds; a start between two keeps its fraction in every occurrence.
  const fractionMs = base.start - zone.instantOf(wallMs(base.localStart))
  if (fractionMs < 0 || fractionMs >= SECOND_MS) {
    return err(wrongTime('startTime', 'That local time happens twice; a series starts on its first pass.'))
  }
  const rule = acceptRule(recurrence.rrule, base.localStart, zone)
  if (!rule.ok) return rule
  const exdates = localTimes(recurrence.exdates, 'EXDATE')
  if (!exdates.ok) return exdates
  const rdates = localTimes(recurrence.rdates, 'RDATE')
  if (!rdates.ok) return rdates
  if (base.allDay && rdates.value.some((local) => !isMidnight(local))) {
    const detail = 'RDATE of an all-day meeting names days: each is a midnight, such as 20261124T000000.'
    return err(refuse('invalid_recurrence', detail, { errors: [{ part: 'RDATE', detail }] }))
  }

  const set: RecurrenceSet = {
    start: base.localStart,
    zone,
    rule: rule.value,
    exdates: exdates.value,
    rdates: rdates.value,
  }
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
    // Only the start follows the wall clock.
    slots: instances.map(({ recurrenceId, start: ruled }) => {
      const start = plus(ruled, fractionMs)
      return { recurrenceId, start, end: endOf(zone, base.allDay, start, durationMs) }
    }),
  })
}

/** A client’s time in the zone of its meeting: the moment, and the wall clock that was meant. */
export function momentOf(
  input: TimeInput,
  zone: Zone,
  field: string,
): Result<{ at: Instant; local: LocalTime }, Refusal> {
  if ('instant' in input) {
    const wall = zone.wallAt(input.instant)
    if (wall >= FIRST_WALL && wall < END_WALL) return ok({ at: input.instant, local: localTimeOf(wall) })
    return err(wrongTime(field, `Times lie in the years ${FIRST_YEAR} to ${LAST_YEAR}.`))
  }
  if (input.timezone !== undefined && input.timezone !== zone.name) {
    return err(wrongTime(field, `${input.timezone} differs from the meeting's time zone ${zone.name}.`))
  }
  return ok({ at: zone.instantOf(wallMs(input.local)), local: input.local })
}

/** A whole day begins and ends where civil days do, and its wall clock is midnight also where the clock leaves that out. */
function notADay(zone: Zone, { localStart, start, end }: Moment): Refusal | undefined {
  const detail = 'An all-day meeting begins and ends at midnight in its time zone.'
  if (!isMidnight(localStart) || !isStartOfDay(zone, start)) return wrongTime('startTime', detail)
  return isStartOfDay(zone, end) ? undefined : wrongTime('endTime', detail)
}

function isMidnight(local: LocalTime): boolean {
  return local.endsWith('T000000')
}

const FIRST_WALL = dayNumber(FIRST_YEAR, 1, 1) * DAY_MS
const END_WALL = dayNumber(LAST_YEAR + 1, 1, 1) * DAY_MS

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

/** `invalid_time` that names the field. */
export function wrongTime(field: string, detail: string): Refusal {
  return refuse('invalid_time', detail, { errors: [{ pointer: `/${field}`, detail }] })
}
