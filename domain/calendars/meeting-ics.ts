import type { Meeting, Occurrence } from '../meetings/meeting.ts'
import { isException } from '../meetings/occurrence-look.ts'
import { isWholeDays } from '../meetings/series-times.ts'
import { expand } from '../recurrence/expand.ts'
import { parseRule } from '../recurrence/parse-rule.ts'
import { DAY_MS, type Instant, SECOND_MS, instant } from '../time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../time/local-time.ts'
import { type Zone, zoneOrUtc } from '../time/zone.ts'
import { contentLine, escapeText } from './ics-text.ts'
import { vtimezone } from './vtimezone.ts'

/** A meeting with all its occurrences that are the reader's, and what he may know of it. */
export interface MeetingEntry extends Content {
  meeting: Meeting
  occurrences: readonly Occurrence[]
  /** What he may know of an occurrence that has something of its own; absent: what of the meeting. */
  contentOf?: (occurrence: Occurrence) => Content
  /** The series is not his: only these occurrences of it are. */
  isPartial?: boolean
}

export interface Content {
  summary: string
  location: string | null
}

/** Time that is taken, and no more. */
export interface BusyEntry {
  uid: string
  start: Instant
  end: Instant
  updatedAt: Instant
}

export const BUSY = 'Busy'

/**
 * Meetings as an iCalendar stream (RFC 5545): a series as its rule in its own zone, occurrences that are gone as EXDATE, those
 * that differ as overrides by RECURRENCE-ID. Says what the API says, up to the materialised horizon and by rule beyond it.
 */
export function meetingCalendar(name: string, entries: readonly MeetingEntry[]): string {
  const zones = new Map<string, { zone: Zone; start: number; end: number }>()
  for (const { meeting } of entries) {
    const zone = zoneOrUtc(meeting.timezone)
    const end = meeting.materialisedUntil === Infinity ? meeting.end : meeting.materialisedUntil
    const known = zones.get(zone.name) ?? { zone, start: Infinity, end: -Infinity }
    zones.set(zone.name, {
      zone,
      start: Math.min(known.start, meeting.start),
      end: Math.max(known.end, end, ...(meeting.rrule === null ? [] : [end + YEARS_AHEAD_MS])),
    })
  }
  const definitions = [...zones.values()]
    .filter(({ zone }) => !isUtc(zone))
    .map(({ zone, start, end }) => {
      const from = Math.floor((start - DAY_MS * 366) / DAY_MS) * DAY_MS
      return vtimezone(zone, { start: instant(from), end: instant(end + DAY_MS) })
    })
  return calendar(name, [...definitions, ...entries.map(meetingEvents)])
}

/** Times that are taken, as an iCalendar stream. */
export function busyCalendar(name: string, entries: readonly BusyEntry[]): string {
  return calendar(
    name,
    entries.map(({ uid, start, end, updatedAt }) =>
      component([
        ['UID', uid],
        ['DTSTAMP', utc(updatedAt)],
        ['DTSTART', utc(start)],
        ['DTEND', utc(end)],
        ['SUMMARY', BUSY],
        ['TRANSP', 'OPAQUE'],
      ]),
    ),
  )
}

/** Clients that know no zone by name follow the definition: it reaches this far beyond what is materialised. */
const YEARS_AHEAD_MS = 5 * 366 * DAY_MS

function calendar(name: string, parts: readonly string[]): string {
  return [
    contentLine('BEGIN', 'VCALENDAR'),
    contentLine('VERSION', '2.0'),
    contentLine('PRODID', '-//Convoke//Calendar//EN'),
    contentLine('CALSCALE', 'GREGORIAN'),
    contentLine('X-WR-CALNAME', escapeText(name)),
    contentLine('REFRESH-INTERVAL;VALUE=DURATION', 'PT15M'),
    contentLine('X-PUBLISHED-TTL', 'PT15M'),
    ...parts,
    contentLine('END', 'VCALENDAR'),
  ].join('')
}

type Line = readonly [name: string, value: string]

function component(lines: readonly Line[]): string {
  const body = lines.map(([name, value]) => contentLine(name, value)).join('')
  return `${contentLine('BEGIN', 'VEVENT')}${body}${contentLine('END', 'VEVENT')}`
}

function meetingEvents(entry: MeetingEntry): string {
  const { meeting, occurrences } = entry
  if (meeting.rrule === null) {
    // What was cancelled while it was a series stays beside it.
    const only = occurrences.find(({ override }) => override?.cancelled !== true) ?? occurrences[0]
    const { start, end } = only ?? meeting
    return component([
      ...identity(entry),
      ...times(entry, start, end),
      ...content(entry, only?.status ?? meeting.status),
    ])
  }
  if (entry.isPartial === true) return occurrences.map((occurrence) => overrideEvent(entry, occurrence)).join('')
  const { gone, different } = comparedWithRule(entry)
  const master: Line[] = [
    ...identity(entry),
    ...seriesTimes(entry),
    ['RRULE', meeting.allDay ? untilDay(meeting.rrule, zoneOrUtc(meeting.timezone)) : meeting.rrule],
    ...localList('EXDATE', [...meeting.exdates, ...gone], meeting),
    ...localList('RDATE', meeting.rdates, meeting),
    ...content(entry, meeting.status),
  ]
  return component(master) + different.map((occurrence) => overrideEvent(entry, occurrence)).join('')
}

function overrideEvent(entry: MeetingEntry, occurrence: Occurrence): string {
  const own = occurrence.override === null ? entry : (entry.contentOf?.(occurrence) ?? entry)
  return component([
    ...identity(entry),
    localLine('RECURRENCE-ID', occurrence.recurrenceId, entry.meeting),
    ...times(entry, occurrence.start, occurrence.end),
    ...content(own, occurrence.status),
  ])
}

/**
 * What the rule alone would say wrongly. That includes every instance near a change of the clock: readers disagree about walls that
 * come twice or never, and about what an hour more is; an override says it in UTC.
 */
function comparedWithRule({ meeting, occurrences }: MeetingEntry): { gone: LocalTime[]; different: Occurrence[] } {
  if (meeting.status === 'cancelled') return { gone: [], different: [] }
  const zone = zoneOrUtc(meeting.timezone)
  const rule = parseRule(meeting.rrule!)
  const set = {
    start: meeting.localStart,
    zone,
    rule: rule.ok ? rule.value : null,
    exdates: meeting.exdates,
    rdates: meeting.rdates,
  }
  const live = new Map(occurrences.filter(({ status }) => status !== 'cancelled').map((o) => [o.recurrenceId, o]))
  const gone: LocalTime[] = []
  const different: Occurrence[] = []
  const durationMs = meeting.end - meeting.start
  for (const { recurrenceId, start } of expand(set, meeting.start, meeting.materialisedUntil, Infinity)) {
    const occurrence = live.get(recurrenceId)
    live.delete(recurrenceId)
    if (occurrence === undefined) gone.push(recurrenceId)
    else {
      const isAsRuled =
        occurrence.start === start &&
        (meeting.allDay || occurrence.end - start === durationMs) &&
        occurrence.status === meeting.status &&
        !isException(occurrence) &&
        (meeting.allDay || isCalm(zone, start, occurrence.end))
      if (!isAsRuled) different.push(occurrence)
    }
  }
  const isBeyond = ({ recurrenceId }: Occurrence) => zone.instantOf(wallMs(recurrenceId)) >= meeting.materialisedUntil
  const goneBeyond = occurrences.filter((one) => one.status === 'cancelled' && isBeyond(one))
  return { gone: [...gone, ...goneBeyond.map((one) => one.recurrenceId)], different: [...different, ...live.values()] }
}

function identity({ meeting }: MeetingEntry): Line[] {
  return [
    ['UID', `${meeting.id}@convoke`],
    ['DTSTAMP', utc(meeting.updatedAt)],
    ['SEQUENCE', String(meeting.version)],
  ]
}

function times({ meeting }: MeetingEntry, start: Instant, end: Instant): Line[] {
  const zone = zoneOrUtc(meeting.timezone)
  if (isWholeDays(meeting, { start, end })) return [dayLine('DTSTART', zone, start), dayLine('DTEND', zone, end)]
  if (isUtc(zone) || !isCalm(zone, start, end))
    return [
      ['DTSTART', utc(start)],
      ['DTEND', utc(end)],
    ]
  return [
    wallLine('DTSTART', localTimeOf(zone.wallAt(start)), zone),
    wallLine('DTEND', localTimeOf(zone.wallAt(end)), zone),
  ]
}

/** Of a series: its start is a wall clock whatever the night is like, for the rule counts from it. */
function seriesTimes({ meeting }: MeetingEntry): Line[] {
  const zone = zoneOrUtc(meeting.timezone)
  const { start, end, localStart } = meeting
  if (meeting.allDay) return [dayLine('DTSTART', zone, start), dayLine('DTEND', zone, end)]
  const ending: Line = isCalm(zone, start, end)
    ? localLine('DTEND', localTimeOf(zone.wallAt(end)), meeting)
    : ['DURATION', `PT${Math.round((end - start) / SECOND_MS)}S`]
  return [localLine('DTSTART', localStart, meeting), ending]
}

/** No clock changes from a day before until a day after. Two changes of one zone are never closer than the steps. */
function isCalm(zone: Zone, start: Instant, end: Instant): boolean {
  const last = end + DAY_MS
  const offset = zone.offsetAt(instant(last))
  for (let at = start - DAY_MS; at < last; at += 3 * DAY_MS) if (zone.offsetAt(instant(at)) !== offset) return false
  return true
}

const STATUS: Record<Occurrence['status'], string> = {
  confirmed: 'CONFIRMED',
  tentative: 'TENTATIVE',
  pending: 'TENTATIVE',
  conflicted: 'TENTATIVE',
  cancelled: 'CANCELLED',
}

function content({ summary, location }: Content, status: Occurrence['status']): Line[] {
  return [
    ['SUMMARY', escapeText(summary)],
    ...(location === null ? [] : [['LOCATION', escapeText(location)] as const]),
    ['STATUS', STATUS[status]],
    ['TRANSP', 'OPAQUE'],
  ]
}

function localLine(name: string, local: LocalTime, meeting: Meeting): Line {
  return meeting.allDay ? [`${name};VALUE=DATE`, local.slice(0, 8)] : wallLine(name, local, zoneOrUtc(meeting.timezone))
}

function wallLine(name: string, local: LocalTime, zone: Zone): Line {
  return isUtc(zone) ? [name, `${local}Z`] : [`${name};TZID=${zone.name}`, local]
}

function localList(name: string, locals: readonly LocalTime[], meeting: Meeting): Line[] {
  if (locals.length === 0) return []
  const sorted = [...new Set(locals)].sort()
  if (meeting.allDay) return [[`${name};VALUE=DATE`, sorted.map((local) => local.slice(0, 8)).join(',')]]
  const zone = zoneOrUtc(meeting.timezone)
  return isUtc(zone)
    ? [[name, sorted.map((local) => `${local}Z`).join(',')]]
    : [[`${name};TZID=${zone.name}`, sorted.join(',')]]
}

/** Midnight is the day it begins; where the clock leaves it out, the first moment after. */
function dayLine(name: string, zone: Zone, at: Instant): Line {
  return [`${name};VALUE=DATE`, localTimeOf(zone.wallAt(at)).slice(0, 8)]
}

/** RFC 5545 3.3.10: where DTSTART is a date, UNTIL is one. */
function untilDay(rrule: string, zone: Zone): string {
  return rrule.replace(/UNTIL=(\d{8}T\d{6})Z/, (_, until: LocalTime) => {
    return `UNTIL=${localTimeOf(zone.wallAt(instant(wallMs(until)))).slice(0, 8)}`
  })
}

function utc(at: Instant): string {
  return `${localTimeOf(at)}Z`
}

function isUtc(zone: Zone): boolean {
  return zone.name === 'UTC'
}
