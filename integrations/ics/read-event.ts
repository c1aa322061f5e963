import type { FileEvent, FileTime } from '../../domain/calendars/expand-events.ts'
import { readImportedRule } from '../../domain/calendars/imported-rule.ts'
import type { Rule } from '../../domain/recurrence/rule.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { DAY_MS } from '../../domain/time/instant.ts'
import { parseBasicLocalTime, wallMs } from '../../domain/time/local-time.ts'
import { type Zone, findZone } from '../../domain/time/zone.ts'
import type { Component } from './components.ts'
import { type Property, durationMs, paramOf, readProperty } from './read-property.ts'
import type { CalendarZones } from './zones.ts'

export interface EventContext {
  zones: CalendarZones
  /** Of times that name none. */
  floating: Zone
}

export interface ReadEvent {
  event: FileEvent
  /** A part that could not be read, as a sentence; the event stands without it. */
  flaw?: string
}

/** Before 1970 there are no zones here: such a time is read as of a later year with the same weekdays. */
interface ReadTime extends FileTime {
  isShifted: boolean
}

const MAX_SUMMARY = 500
/** Bounds how far back an event must be looked for that still goes on. */
const MAX_DURATION_MS = 400 * DAY_MS

/** One event, or the sentence that says why it cannot be shown. `uid` is what the lines say, bounded by the caller. */
export function readEvent(component: Component, uid: string, context: EventContext): Result<ReadEvent, string> {
  const properties = readAll(component)
  if (!properties.ok) return properties
  const all = (name: string) => properties.value.get(name) ?? []
  const one = (name: string) => all(name)[0]
  const times = (name: string) => readTimes(all(name), context)

  const [start] = times('dtstart')
  if (start === undefined) return err('It has no start (DTSTART) that can be read.')
  const duration = readDuration(start, one('duration'), times('dtend')[0], one('dtend') !== undefined)
  if (!duration.ok) return duration
  const [recurrenceId] = times('recurrence-id')
  if (one('recurrence-id') !== undefined && recurrenceId === undefined) return err('Its RECURRENCE-ID is no time.')
  const rule = recurrenceId === undefined ? readRules(all('rrule'), start) : ok(null)

  const status = textOf(one('status')).trim().toUpperCase()
  const isFree = textOf(one('x-microsoft-cdo-busystatus')).trim().toUpperCase() === 'FREE'
  const known = rule.ok && start.isShifted ? countedFrom1970(rule.value) : rule
  return ok({
    event: {
      uid,
      line: component.line,
      start,
      durationMs: duration.value,
      rule: known.ok ? known.value : null,
      rdates: times('rdate'),
      exdates: times('exdate'),
      recurrenceId: recurrenceId ?? null,
      cancelled: status === 'CANCELLED',
      busy: textOf(one('transp')).trim().toUpperCase() !== 'TRANSPARENT' && !isFree,
      status: status === 'TENTATIVE' ? 'tentative' : 'confirmed',
      summary: clean(textOf(one('summary'))),
      sequence: Number(textOf(one('sequence'))) || 0,
    },
    ...(!known.ok && { flaw: `Only its first instance is shown. ${known.error}` }),
  })
}

/** The uid without reading the rest: it says whose instances stay when the rest cannot be read. */
export function uidOf({ lines }: Component): string {
  for (const { text } of lines) {
    const m = /^UID\s*(?:;[^:]*)?:(.*)$/is.exec(text)
    if (m !== null) return clean(m[1]!)
  }
  return ''
}

function readAll({ lines, isClosed }: Component): Result<Map<string, Property[]>, string> {
  if (!isClosed) return err('It has no END:VEVENT.')
  const properties = new Map<string, Property[]>()
  for (const line of lines) {
    try {
      const property = readProperty(line)
      const ofName = properties.get(property.name)
      if (ofName === undefined) properties.set(property.name, [property])
      else ofName.push(property)
    } catch {
      return err(`Line ${line.number} cannot be read.`)
    }
  }
  return ok(properties)
}

function readRules(rules: readonly Property[], start: FileTime): Result<Rule | null, string> {
  if (rules.length === 0) return ok(null)
  if (rules.length > 1) return err('It has more than one rule (RRULE).')
  return readImportedRule(rules[0]!.raw, start.zone)
}

function readDuration(
  start: FileTime,
  duration: Property | undefined,
  end: FileTime | undefined,
  hasEnd: boolean,
): Result<number, string> {
  const given = durationGiven(start, duration, end)
  if (given === undefined || (hasEnd && end === undefined)) return err('Its end or duration cannot be read.')
  if (given < 0) return err('It ends before it starts.')
  if (given > MAX_DURATION_MS) return err('It is longer than 400 days.')
  if (!start.isDate) return ok(given)
  return ok(Math.max(Math.ceil(given / DAY_MS), 1) * DAY_MS)
}

/** Without an end an all-day event is a day long and any other a moment (RFC 5545 3.6.1). */
function durationGiven(start: FileTime, duration: Property | undefined, end: FileTime | undefined): number | undefined {
  if (end !== undefined) {
    return start.isDate ? end.wall - start.wall : end.zone.instantOf(end.wall) - start.zone.instantOf(start.wall)
  }
  if (duration === undefined) return start.isDate ? DAY_MS : 0
  try {
    return durationMs(duration.raw.trim())
  } catch {
    return undefined
  }
}

/** Values that are no times are left out; of a PERIOD its start is taken. */
function readTimes(properties: readonly Property[], { zones, floating }: EventContext): ReadTime[] {
  return properties.flatMap((property) => {
    const tzid = paramOf(property, 'tzid')
    const zone = tzid === undefined ? undefined : zones.find(tzid)
    return property.raw.split(',').flatMap((value) => readTime(value.split('/', 1)[0]!.trim(), zone ?? floating) ?? [])
  })
}

function readTime(text: string, zone: Zone): ReadTime | undefined {
  const m = /^(\d{4})(\d{4})(?:T(\d{4})(\d{2})?(Z?))?$/i.exec(text)
  if (m === null) return undefined
  const year = yearWithin(Number(m[1]))
  // A leap second is the last second we know.
  const seconds = m[4] === '60' ? '59' : (m[4] ?? '00')
  const local = parseBasicLocalTime(`${year}${m[2]}T${m[3] ?? '0000'}${seconds}`)
  if (local === undefined) return undefined
  return { wall: wallMs(local), zone: m[5] ? UTC : zone, isDate: m[3] === undefined, isShifted: year !== Number(m[1]) }
}

const UTC = findZone('UTC')!

/** From 1901 to 2099 the calendar repeats every 28 years, weekdays included: birthdays of old begin in our years that way. */
function yearWithin(year: number): number {
  return year >= 1970 || year < 1901 ? year : year + Math.ceil((1970 - year) / 28) * 28
}

function countedFrom1970(rule: Rule | null): Result<Rule | null, string> {
  if (rule === null || (rule.count === null && rule.interval === 1)) return ok(rule)
  return err('The rule counts from before 1970.')
}

function textOf(property: Property | undefined): string {
  const value = property?.values[0]
  return typeof value === 'string' ? value : ''
}

/** What the store and a screen can hold: no control characters, no half of a surrogate pair. */
function clean(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, MAX_SUMMARY)
    .toWellFormed()
}
