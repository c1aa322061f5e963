import { type Instance, type RecurrenceSet, expand } from '../recurrence/expand.ts'
import { parseRule } from '../recurrence/parse-rule.ts'
import { type Instant, type Interval, DAY_MS, SECOND_MS, instant, plus } from '../time/instant.ts'
import { type LocalTime, wallMs } from '../time/local-time.ts'
import { type Zone, findZone, zoneOrUtc } from '../time/zone.ts'
import type { Meeting, Occurrence, Override, Slot } from './meeting.ts'

type Timed = Pick<Meeting, 'timezone' | 'localStart' | 'start' | 'end' | 'allDay'>

/** All that decides when a series takes place. Throws where what the store holds cannot be read. */
export function recurrenceOf(
  meeting: Pick<Meeting, 'id' | 'timezone' | 'rrule' | 'localStart' | 'exdates' | 'rdates'>,
): RecurrenceSet {
  const rule = meeting.rrule === null ? undefined : parseRule(meeting.rrule)
  if (rule?.ok === false) throw new Error(`the rule of meeting ${meeting.id} cannot be read`)
  const { localStart: start, exdates, rdates } = meeting
  return { start, zone: zoneOf(meeting), rule: rule?.value ?? null, exdates, rdates }
}

export function zoneOf({ timezone }: Pick<Meeting, 'timezone'>): Zone {
  const zone = findZone(timezone)
  if (zone === undefined) throw new Error(`the time zone ${timezone} is unknown here`)
  return zone
}

/** The instance of that identity; undefined when the set gives none. */
export function instanceOf(set: RecurrenceSet, recurrenceId: LocalTime): Instance | undefined {
  const at = set.zone.instantOf(wallMs(recurrenceId))
  const [found] = expand(set, at, plus(at, 1), 1)
  return found?.recurrenceId === recurrenceId ? found : undefined
}

/** Where the series puts the occurrence of that identity. Local times know whole seconds; a start between two keeps its fraction. */
export function slotOf(meeting: Timed, recurrenceId: LocalTime): Slot {
  const zone = zoneOf(meeting)
  const fractionMs = ((meeting.start % SECOND_MS) + SECOND_MS) % SECOND_MS
  // A single meeting may begin in the second pass of an hour that comes twice: nothing but its start says so.
  const isItself = recurrenceId === meeting.localStart
  const start = isItself ? meeting.start : plus(zone.instantOf(wallMs(recurrenceId)), fractionMs)
  return { recurrenceId, start, end: endOf(zone, meeting.allDay, start, meeting.end - meeting.start) }
}

/** What the series gives there, with nothing of its own: as its row is when it is first written. */
export function givenAt(meeting: Meeting, recurrenceId: LocalTime): Occurrence {
  return { ...slotOf(meeting, recurrenceId), status: meeting.status, override: null }
}

/**
 * A slot with what the occurrence has of its own: a moved one stays where it is, also if its series has become one of whole
 * days or of another zone; one with its own end keeps its length and moves along.
 */
export function placed(meeting: Timed, recurrenceId: LocalTime, override: Override | null): Slot {
  const { start: own, durationMs } = override ?? {}
  if (own !== undefined && durationMs !== undefined) return { recurrenceId, start: own, end: plus(own, durationMs) }
  const slot = slotOf(meeting, recurrenceId)
  if (own === undefined && durationMs === undefined) return slot
  const start = own ?? slot.start
  return {
    recurrenceId,
    start,
    end: endOf(zoneOf(meeting), meeting.allDay, start, durationMs ?? meeting.end - meeting.start),
  }
}

/**
 * When what begins then and lasts so long ends. Durations are exact elapsed time (CONTRACT.md); an all-day meeting lasts
 * whole civil days, of 23 to 25 hours each.
 */
export function endOf(zone: Zone, allDay: boolean, start: Instant, durationMs: number): Instant {
  if (!allDay) return plus(start, durationMs)
  const day = Math.floor(zone.wallAt(start) / DAY_MS)
  return zone.instantOf((day + Math.max(1, Math.round(durationMs / DAY_MS))) * DAY_MS)
}

/** The moment a civil day begins there, which is not midnight where the clock leaves midnight out. */
export function isStartOfDay(zone: Zone, at: Instant): boolean {
  return zone.instantOf(Math.floor(zone.wallAt(at) / DAY_MS) * DAY_MS) === instant(at)
}

/** An occurrence of a series of whole days may have been left at another time of its own. */
export function isWholeDays(meeting: Pick<Meeting, 'allDay' | 'timezone'>, { start, end }: Interval): boolean {
  return meeting.allDay && [start, end].every((at) => isStartOfDay(zoneOrUtc(meeting.timezone), at))
}
