import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, test } from 'vitest'
import type { Meeting, Occurrence } from '../meetings/meeting.ts'
import { expand } from '../recurrence/expand.ts'
import { parseRule } from '../recurrence/parse-rule.ts'
import { formatInstant, parseInstant } from '../time/iso.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant, instant, plus } from '../time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../time/local-time.ts'
import { type Zone, findZone } from '../time/zone.ts'
import { contentLine, escapeText } from './ics-text.ts'
import { type MeetingEntry, meetingCalendar } from './meeting-ics.ts'
import { vtimezone } from './vtimezone.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

describe('a line', () => {
  test('is folded at 75 octets, inside no character, and escaped', () => {
    const text = `a;b,c\\d\ne${'ü'.repeat(60)}${'😀'.repeat(30)}`
    const line = contentLine('SUMMARY', escapeText(text))
    for (const part of line.trimEnd().split('\r\n')) {
      expect(Buffer.byteLength(part)).toBeLessThanOrEqual(75)
      expect(part.isWellFormed()).toBe(true)
    }
    expect(line.endsWith('\r\n')).toBe(true)
    expect(ICAL.parse.property(line.replaceAll('\r\n ', '').trimEnd())[3]).toBe(text)
  })

  test('nobody writes lines of his own into a calendar', () => {
    const text = escapeText('x\r\nEND:VEVENT\rATTENDEE:mailto:a@b\u2028\u0000')
    expect(text).not.toMatch(/[\r\n\0]/)
  })
})

describe('a zone’s definition', () => {
  test.each([
    'America/New_York',
    'Europe/Dublin',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Asia/Kolkata',
    'America/Sao_Paulo',
  ])('%s says what we resolve with', (name) => {
    const zone = findZone(name)!
    const span = { start: at('2025-01-01T00:00:00Z'), end: at('2032-01-01T00:00:00Z') }
    const text = vtimezone(zone, span)
    const read = new ICAL.Timezone(new ICAL.Component(ICAL.parse(text)))
    for (let time: number = span.start + 40 * DAY_MS; time < span.end; time += 3.3 * DAY_MS) {
      // Walls that come twice or never are said in UTC.
      if (zone.offsetAt(instant(time - DAY_MS)) !== zone.offsetAt(instant(time + DAY_MS))) continue
      const wall = zone.wallAt(instant(time))
      const local = ICAL.Time.fromDateTimeString(extended(localTimeOf(wall)))
      expect(read.utcOffset(local) * 1000).toBe(zone.offsetAt(zone.instantOf(wallMs(localTimeOf(wall)))))
    }
  })
})

/** Zones whose clocks change, in ways that differ. */
const ZONES = ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Tehran', 'UTC']
const RULES = [
  'FREQ=DAILY;COUNT=40',
  'FREQ=DAILY;INTERVAL=3',
  'FREQ=WEEKLY;BYDAY=MO,SU',
  'FREQ=MONTHLY;BYDAY=-1SU',
  'FREQ=WEEKLY;UNTIL=20270601T000000Z',
]

const scenario = fc.record({
  zone: fc.constantFrom(...ZONES),
  rule: fc.constantFrom(...RULES),
  day: fc.integer({ min: 0, max: 365 }),
  // Much of it in the hours in which clocks change.
  minute: fc.oneof(fc.integer({ min: 0, max: 4 * 60 }), fc.integer({ min: 0, max: 24 * 60 - 1 })),
  minutes: fc.integer({ min: 5, max: 3_000 }),
  changes: fc.array(
    fc.record({
      nth: fc.nat(60),
      kind: fc.constantFrom('cancel', 'move', 'lengthen', 'conflict'),
      by: fc.integer({ min: -600, max: 600 }),
    }),
    { maxLength: 6 },
  ),
})

test(`what others read is what the API says, over random series across changes of the clock (SEED=${SEED})`, () => {
  fc.assert(
    fc.property(scenario, (given) => {
      const entry = entryOf(given)
      // An end before the first instance is none that the API takes.
      fc.pre(entry.occurrences.length > 0)
      const text = meetingCalendar('Olga', [entry])
      const said = entry.occurrences
        .filter((occurrence) => occurrence.status !== 'cancelled')
        .map(({ start, end }) => `${formatInstant(start)} ${formatInstant(end)}`)
        .sort()
      expect(readBack(text, entry.meeting.materialisedUntil)).toEqual(said)
    }),
    { seed: SEED, numRuns: 100 },
  )
}, 20_000)

test('a single meeting, a cancelled one, and a moment that a wall clock cannot tell', () => {
  const single = entryOf({ zone: 'America/New_York', rule: null, day: 0, minute: 90, minutes: 60, changes: [] })
  expect(readBack(meetingCalendar('x', [single]), Infinity as Instant)).toHaveLength(1)
  // 01:30 for the second time.
  const start = at('2026-11-01T06:30:00Z')
  const second = { ...single.occurrences[0]!, start, end: plus(start, HOUR_MS) }
  const text = meetingCalendar('x', [{ ...single, occurrences: [second] }])
  expect(text).toContain('DTSTART:20261101T063000Z')
  const cancelled = { ...single, meeting: { ...single.meeting, status: 'cancelled' as const }, occurrences: [] }
  expect(meetingCalendar('x', [cancelled])).toContain('STATUS:CANCELLED')
})

/** As a client does it: ical.js, with the zones that the file itself defines. */
function readBack(text: string, until: Instant): string[] {
  const calendar = new ICAL.Component(ICAL.parse(text))
  ICAL.TimezoneService.reset()
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
  const events = calendar.getAllSubcomponents('vevent').map((component) => new ICAL.Event(component))
  const master = events.find((event) => !event.isRecurrenceException())!
  for (const event of events) if (event !== master) master.relateException(event)
  const spans: string[] = []
  const push = (start: ICAL.Time, end: ICAL.Time) => spans.push(`${utc(start)} ${utc(end)}`)
  if (!master.isRecurring()) push(master.startDate, master.endDate)
  else {
    const iterator = master.iterator()
    for (let next = iterator.next(); next; next = iterator.next()) {
      const { startDate, endDate, recurrenceId } = master.getOccurrenceDetails(next)
      if (recurrenceId.toJSDate().getTime() >= until) break
      push(startDate, endDate)
    }
  }
  return spans.sort()
}

function utc(time: ICAL.Time): string {
  return formatInstant(instant(time.toUnixTime() * 1000))
}

interface Scenario {
  zone: string
  rule: string | null
  day: number
  minute: number
  minutes: number
  changes: { nth: number; kind: 'cancel' | 'move' | 'lengthen' | 'conflict'; by: number }[]
}

/** A series as the store would hold it. The rule decides where it starts, since a start must be an instance. */
function entryOf({ zone: name, rule: rrule, day, minute, minutes, changes }: Scenario): MeetingEntry {
  const zone = findZone(name)!
  const wall = Date.UTC(2026, 9, 1) + day * DAY_MS + minute * MINUTE_MS
  const localStart = firstOf(rrule, localTimeOf(wall), zone)
  const start = zone.instantOf(wallMs(localStart))
  const durationMs = minutes * MINUTE_MS
  const until = plus(start, 396 * DAY_MS)
  const set = { start: localStart, zone, rule: ruleOf(rrule), exdates: [], rdates: [] }
  const occurrences: Occurrence[] = expand(set, start, until, Infinity).map(({ recurrenceId, start: from }) => ({
    recurrenceId,
    start: from,
    end: plus(from, durationMs),
    status: 'confirmed',
    override: null,
  }))
  for (const { nth, kind, by } of changes) {
    const occurrence = occurrences[nth % occurrences.length]
    if (occurrence === undefined) break
    const { start: from, end } = occurrence
    if (kind === 'cancel') occurrence.status = 'cancelled'
    else if (kind === 'conflict') occurrence.status = 'conflicted'
    else if (kind === 'move')
      Object.assign(occurrence, { start: plus(from, by * MINUTE_MS), end: plus(end, by * MINUTE_MS) })
    else occurrence.end = plus(end, Math.abs(by) * MINUTE_MS)
  }
  const meeting: Meeting = {
    id: '0199b000-0000-7000-8000-000000000001',
    organizerId: '0199b000-0000-7000-8000-000000000002',
    title: 'x',
    description: '',
    status: 'confirmed',
    visibility: 'organization',
    timezone: name,
    localStart,
    start,
    end: plus(start, durationMs),
    allDay: false,
    splitFrom: null,
    endsBySplit: false,
    rrule,
    exdates: [],
    rdates: [],
    materialisedUntil: until,
    tzVersion: 'test',
    roomIds: [],
    metadata: {},
    version: 3,
    textRevision: 1,
    createdAt: start,
    updatedAt: start,
  }
  return { meeting, occurrences, summary: 'x', location: null }
}

function firstOf(rrule: string | null, from: LocalTime, zone: Zone): LocalTime {
  const rule = ruleOf(rrule)
  if (rule === null) return from
  const start = zone.instantOf(wallMs(from))
  const open = { ...rule, count: null, until: null }
  return expand({ start: from, zone, rule: open, exdates: [], rdates: [] }, start, plus(start, 400 * DAY_MS), 1)[0]!
    .recurrenceId
}

function ruleOf(rrule: string | null) {
  if (rrule === null) return null
  const rule = parseRule(rrule)
  if (!rule.ok) throw new Error(rule.error.detail)
  return rule.value
}

function extended(local: LocalTime): string {
  return local.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6')
}

function at(text: string): Instant {
  return parseInstant(text)!
}
