import { expand } from '../recurrence/expand.ts'
import type { Rule } from '../recurrence/rule.ts'
import { type Instant, type Interval, DAY_MS, instant, overlaps, plus } from '../time/instant.ts'
import { type LocalTime, localTimeOf } from '../time/local-time.ts'
import type { Zone } from '../time/zone.ts'
import type { ExternalEvent, Poison } from './external-event.ts'

/** A time as a calendar file gives it: a wall clock (as in `wallMs`) in a zone. */
export interface FileTime {
  wall: number
  zone: Zone
  /** A whole day: its wall is midnight. */
  isDate: boolean
}

/** One VEVENT, read. */
export interface FileEvent {
  uid: string
  line: number
  start: FileTime
  /** Exact milliseconds; of an all-day event whole days. */
  durationMs: number
  rule: Rule | null
  rdates: readonly FileTime[]
  exdates: readonly FileTime[]
  /** Which instance of the event with this uid it replaces. */
  recurrenceId: FileTime | null
  cancelled: boolean
  busy: boolean
  status: ExternalEvent['status']
  summary: string
  sequence: number
}

export type Instance = Omit<ExternalEvent, 'id'>

export interface Expanded {
  events: Instance[]
  poison: Poison[]
}

/** A calendar that says "every hour" for years is cut, and says so. */
export const MAX_PER_EVENT = 5_000
export const MAX_PER_FEED = 50_000

/**
 * The instances of a calendar's events that overlap the window, each as (uid, recurrenceId): masters by their rules, each
 * instance replaced by its override, overrides without a master as they are (RFC 5545 3.8.4.4). Lenient: a start that its rule does
 * not give is an instance, and counts as one of COUNT.
 */
export function expandEvents(events: readonly FileEvent[], window: Interval): Expanded {
  const result: Expanded = { events: [], poison: [] }
  for (const [uid, ofUid] of Map.groupBy(events, (event) => event.uid)) {
    if (result.events.length >= MAX_PER_FEED) {
      result.poison.push({ reason: `More than ${MAX_PER_FEED} instances: the rest of the calendar is left out.` })
      break
    }
    const instances = instancesOf(ofUid, window)
    if (instances.length > MAX_PER_EVENT) {
      const reason = `More than ${MAX_PER_EVENT} instances in the window: the later ones are left out.`
      result.poison.push({ uid, line: ofUid[0]!.line, reason })
    }
    for (const instance of instances.slice(0, Math.min(MAX_PER_EVENT, MAX_PER_FEED - result.events.length))) {
      result.events.push(instance)
    }
  }
  return result
}

/** Of one uid, unique by recurrence id: of two that claim the same one the higher SEQUENCE wins, then the later in the file. */
function instancesOf(events: readonly FileEvent[], window: Interval): Instance[] {
  const byStart = events.toSorted((a, b) => a.sequence - b.sequence || a.line - b.line)
  const masters = byStart.filter((event) => event.recurrenceId === null)
  const zone = masters[0]?.start.zone
  const found = new Map<LocalTime, Instance>()
  const replaced = new Set<Instant>()
  const overrides = byStart.filter((event) => event.recurrenceId !== null)
  for (const override of overrides) replaced.add(momentIn(override.recurrenceId!, masters[0]))
  for (const master of masters) {
    if (master.cancelled) continue
    for (const [recurrenceId, start] of startsOf(master, window)) {
      if (!replaced.has(start)) put(found, master, recurrenceId, start, window)
    }
  }
  for (const override of overrides) {
    const moment = momentIn(override.recurrenceId!, masters[0])
    const recurrenceId = localTimeOf((zone ?? override.recurrenceId!.zone).wallAt(moment))
    if (override.cancelled) found.delete(recurrenceId)
    else put(found, override, recurrenceId, momentOf(override.start), window)
  }
  return [...found.values()]
}

function put(
  found: Map<LocalTime, Instance>,
  event: FileEvent,
  recurrenceId: LocalTime,
  start: Instant,
  window: Interval,
) {
  const { uid, busy, status, summary } = event
  const end = endOf(event, start)
  const isMoment = end === start
  // A moment overlaps nothing, and still is a thing of its day.
  const isInside = isMoment ? start >= window.start && start < window.end : overlaps({ start, end }, window)
  if (!isInside) return
  const allDay = event.start.isDate
  found.set(recurrenceId, { uid, recurrenceId, start, end, allDay, busy: busy && !isMoment, status, summary })
}

/** All-day events end at a midnight of their zone, whatever the clock did in between. */
function endOf({ start: { zone, isDate }, durationMs }: FileEvent, start: Instant): Instant {
  return isDate ? zone.instantOf(zone.wallAt(start) + durationMs) : plus(start, durationMs)
}

/** A rule gives at most 24 a day, and 24 hours touch two days: so many may fall to the day more, and are none of the window's. */
const MOST_IN_A_DAY = 48

function startsOf(master: FileEvent, window: Interval): [LocalTime, Instant][] {
  const { start, rule, rdates, exdates } = master
  const local = (time: FileTime) => localTimeOf(start.zone.wallAt(momentIn(time, master)))
  const first = localTimeOf(start.wall)
  // One day more: an all-day event is 25 hours long when the clock goes back.
  const from = instant(window.start - master.durationMs - DAY_MS)
  const given = { start: first, zone: start.zone, exdates: exdates.map(local), rdates: rdates.map(local) }
  const set = rule === null ? { ...given, rule } : { ...given, ...synchronised(rule, master, given.rdates) }
  return expand(set, from, window.end, MAX_PER_EVENT + 1 + MOST_IN_A_DAY).map((found) => [
    found.recurrenceId,
    found.start,
  ])
}

/** A start that the rule itself does not give becomes an RDATE, and takes one of COUNT. */
function synchronised(
  rule: Rule,
  { start }: FileEvent,
  rdates: readonly LocalTime[],
): { rule: Rule; rdates: LocalTime[] } {
  const first = localTimeOf(start.wall)
  const at = momentOf(start)
  const own = { start: first, zone: start.zone, rule: { ...rule, count: null, until: null }, exdates: [], rdates: [] }
  const isGiven = expand(own, at, plus(at, 1), 1).length > 0
  const count = rule.count === null || isGiven ? rule.count : rule.count - 1
  return { rule: { ...rule, count }, rdates: isGiven ? [...rdates] : [first, ...rdates] }
}

function momentOf({ wall, zone }: FileTime): Instant {
  return zone.instantOf(wall)
}

/** A bare date that names an instance of a timed event means the one that starts on that day. */
function momentIn(time: FileTime, master: FileEvent | undefined): Instant {
  if (!time.isDate || master === undefined || master.start.isDate) return momentOf(time)
  const { wall, zone } = master.start
  return zone.instantOf(time.wall + (wall - Math.floor(wall / DAY_MS) * DAY_MS))
}
