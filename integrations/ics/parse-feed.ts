import { createHash, hash } from 'node:crypto'
import { type FileEvent, expandEvents } from '../../domain/calendars/expand-events.ts'
import type { ExternalEvent, Poison } from '../../domain/calendars/external-event.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { DAY_MS, type Interval } from '../../domain/time/instant.ts'
import { type Zone, zoneOrUtc } from '../../domain/time/zone.ts'
import { type Component, components } from './components.ts'
import { readEvent, uidOf } from './read-event.ts'
import { CalendarZones } from './zones.ts'

export interface ParseOrder {
  /** Makes event ids: the same (uid, recurrenceId) in another calendar is another event. */
  integrationId: string
  /** Of times without one, when the calendar names none either: the owner's. */
  timezone: string
  window: Interval
}

export interface ParsedFeed {
  events: ExternalEvent[]
  /** At most `MAX_POISON`. */
  poison: Poison[]
  /** Uids of which something could not be read: what is held of them stays. */
  withheld: string[]
  /** Of events, poison and window. */
  contentHash: string
}

export type ParseFailure = 'not_a_calendar' | 'cut_off' | 'too_many_events'

/** A person repairs a few; a list of thousands is read by nobody. */
const MAX_POISON = 100
/** Events that can still matter (repeating, or not over); what is past is not held while reading. */
const MAX_EVENTS = 60_000
const MAX_UID = 200

/**
 * Reads a calendar leniently: an event that cannot be read is listed and costs itself alone. What is no calendar, or has no end, is
 * a failure and never an empty calendar. Costs CPU and memory by what a stranger sent: run it in a worker (`read-calendar.ts`).
 */
export function parseFeed(
  file: string,
  { integrationId, timezone, window }: ParseOrder,
): Result<ParsedFeed, ParseFailure> {
  const context = { zones: new CalendarZones(window.end + DAY_MS), floating: zoneOrUtc(timezone) }
  const preface = readPreface(file, context)
  if (preface !== undefined) return err(preface)

  const events: FileEvent[] = []
  const poison: Poison[] = []
  const withheld = new Set<string>()
  const firstYear = new Date(window.start).getUTCFullYear()
  const flaw = (uid: string, line: number, reason: string) => {
    if (uid !== '') withheld.add(uid)
    if (poison.length < MAX_POISON) poison.push({ ...(uid !== '' && { uid }), line, reason })
  }
  for (const component of components(file)) {
    if (component.kind !== 'vevent' || isLongOver(component, firstYear)) continue
    const uid = boundedUid(component)
    const read = readEvent(component, uid, context)
    if (!read.ok) {
      flaw(uid, component.line, read.error)
      continue
    }
    if (read.value.flaw !== undefined) flaw(uid, component.line, read.value.flaw)
    if (isOver(read.value.event, window)) continue
    events.push(read.value.event)
    if (events.length > MAX_EVENTS) return err('too_many_events')
  }
  const expanded = expandEvents(events, window)
  poison.push(...expanded.poison.slice(0, MAX_POISON - poison.length))
  const identified = expanded.events.map((event) => ({ id: idOf(integrationId, event), ...event }))
  return ok({ events: identified, poison, withheld: [...withheld], contentHash: hashOf(identified, poison, window) })
}

/** Zones and the calendar's own zone may stand after the events that use them, so they are read first. */
function readPreface(file: string, context: { zones: CalendarZones; floating: Zone }): ParseFailure | undefined {
  for (const part of components(file)) {
    if (part.kind === 'vtimezone') context.zones.define(part)
    else if (part.kind === 'property' && /^X-WR-TIMEZONE\s*[;:]/i.test(part.line.text)) {
      const name = part.line.text.slice(part.line.text.indexOf(':') + 1).trim()
      context.floating = context.zones.find(name) ?? context.floating
    } else if (part.kind === 'end' && !part.isComplete) return part.isCalendar ? 'cut_off' : 'not_a_calendar'
  }
  return undefined
}

/** Told by three of its lines, for most of an old calendar is long over: the rest is not worth reading. */
function isLongOver({ lines }: Component, firstYear: number): boolean {
  let year = firstYear
  for (const { text } of lines) {
    if (/^(?:RRULE|RDATE|RECURRENCE-ID)/i.test(text)) return false
    const start = /^DTSTART[^:]*:(\d{4})\d{4}/i.exec(text)
    if (start !== null) year = Number(start[1])
  }
  // Nothing lasts longer than 400 days.
  return year < firstYear - 2
}

/** Over before the window, for good: nothing repeats it, and it replaces no instance of another. */
function isOver({ start, durationMs, rule, rdates, recurrenceId }: FileEvent, window: Interval): boolean {
  if (rule !== null || rdates.length > 0 || recurrenceId !== null) return false
  return start.zone.instantOf(start.wall) + durationMs + DAY_MS < window.start
}

/** An event without a uid is known by its own lines. */
function boundedUid(component: Component): string {
  const uid = uidOf(component)
  if ((uid !== '' && uid.length <= MAX_UID) || component.lines.length === 0) return uid
  const text = uid === '' ? component.lines.map((line) => line.text).join('\n') : uid
  return `${uid === '' ? 'no-uid' : 'long-uid'}-${hash('sha256', text)}`
}

/** A name-based UUID (RFC 9562, version 8). */
function idOf(integrationId: string, { uid, recurrenceId }: Pick<ExternalEvent, 'uid' | 'recurrenceId'>): string {
  const bytes = hash('sha256', `${integrationId}\n${uid}\n${recurrenceId}`, 'buffer').subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function hashOf(events: readonly ExternalEvent[], poison: readonly Poison[], window: Interval): string {
  const content = createHash('sha256').update(JSON.stringify([window, poison]))
  for (const event of events) {
    content.update(
      `${event.id} ${event.start} ${event.end} ${event.allDay} ${event.busy} ${event.status} ${event.summary}\n`,
    )
  }
  return content.digest('base64url')
}
