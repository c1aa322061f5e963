import { describe, expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../../domain/time/iso.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { icsFile } from '../../testkit/ics-server.ts'
import { decode } from './decode.ts'
import { type ParsedFeed, parseFeed } from './parse-feed.ts'

const WINDOW = { start: at('2026-10-24T00:00:00Z'), end: at('2027-12-24T00:00:00Z') }
const ORDER = { integrationId: '0199b000-0000-7000-8000-000000000001', timezone: 'Europe/Berlin', window: WINDOW }

describe('times', () => {
  test('an IANA zone in any dress, a Windows name, UTC, and none at all', () => {
    const starts = (dtstart: string, preface: string[] = []) => one([dtstart], preface)
    expect(starts('DTSTART;TZID=America/New_York:20261201T090000')).toBe('2026-12-01T14:00:00Z')
    expect(starts('DTSTART;TZID="America/New_York":20261201T090000')).toBe('2026-12-01T14:00:00Z')
    expect(starts('DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20261201T090000')).toBe('2026-12-01T14:00:00Z')
    expect(starts('DTSTART;TZID=america/new_york:20261201T090000')).toBe('2026-12-01T14:00:00Z')
    expect(starts('DTSTART;TZID=Eastern Standard Time:20261201T090000')).toBe('2026-12-01T14:00:00Z')
    expect(starts('DTSTART:20261201T090000Z')).toBe('2026-12-01T09:00:00Z')
    // The owner's zone; then the calendar's.
    expect(starts('DTSTART:20261201T090000')).toBe('2026-12-01T08:00:00Z')
    expect(starts('DTSTART:20261201T090000', ['X-WR-TIMEZONE:Asia/Tokyo'])).toBe('2026-12-01T00:00:00Z')
    expect(starts('DTSTART;TZID=Nowhere/At All:20261201T090000', ['X-WR-TIMEZONE:Asia/Tokyo'])).toBe(
      '2026-12-01T00:00:00Z',
    )
  })

  test("a zone of the calendar's own making, defined after its use, follows its own rules", () => {
    const zone = [
      ...['BEGIN:VTIMEZONE', 'TZID:Office', 'BEGIN:STANDARD', 'DTSTART:16010101T030000', 'TZOFFSETFROM:+0200'],
      ...['TZOFFSETTO:+0100', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10', 'END:STANDARD', 'BEGIN:DAYLIGHT'],
      ...['DTSTART:16010101T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'],
      ...['RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3', 'END:DAYLIGHT', 'END:VTIMEZONE'],
    ]
    const event = ['UID:a', 'DTSTART;TZID=Office:20270315T090000', 'RRULE:FREQ=WEEKLY;COUNT=3']
    const file = icsFile([event]).replace('END:VCALENDAR', [...zone, 'END:VCALENDAR'].join('\r\n'))
    expect(starts(read(file))).toEqual(['2027-03-15T08:00:00Z', '2027-03-22T08:00:00Z', '2027-03-29T07:00:00Z'])
  })

  test('an all-day event lies on the days of its owner, also where the clock changes', () => {
    const { events } = read(
      icsFile([['UID:a', 'DTSTART;VALUE=DATE:20270328', 'DTEND;VALUE=DATE:20270329', 'SUMMARY:x']]),
    )
    expect(events).toMatchObject([{ allDay: true, start: at('2027-03-27T23:00:00Z'), end: at('2027-03-28T22:00:00Z') }])
    const bare = read(icsFile([['UID:b', 'DTSTART;VALUE=DATE:20261201']])).events
    expect(bare).toMatchObject([{ allDay: true, start: at('2026-11-30T23:00:00Z'), end: at('2026-12-01T23:00:00Z') }])
  })

  test('DURATION, no end, TRANSP, STATUS and busy status', () => {
    const event = (...lines: string[]) => read(icsFile([['UID:a', 'DTSTART:20261201T090000Z', ...lines]])).events
    expect(event('DURATION:P1DT2H')).toMatchObject([{ end: at('2026-12-02T11:00:00Z'), busy: true }])
    expect(event()).toMatchObject([{ end: at('2026-12-01T09:00:00Z'), busy: false }])
    expect(event('DURATION:PT1H', 'TRANSP:TRANSPARENT')).toMatchObject([{ busy: false }])
    expect(event('DURATION:PT1H', 'X-MICROSOFT-CDO-BUSYSTATUS:FREE')).toMatchObject([{ busy: false }])
    expect(event('DURATION:PT1H', 'STATUS:TENTATIVE')).toMatchObject([{ status: 'tentative' }])
    expect(event('DURATION:PT1H', 'STATUS:CANCELLED')).toEqual([])
  })
})

describe('recurrences', () => {
  const master = ['UID:a', 'DTSTART;TZID=Europe/Berlin:20261201T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4']

  test('an override replaces its instance, wherever it moves, and keeps its identity', () => {
    const moved = [
      'UID:a',
      'RECURRENCE-ID;TZID=Europe/Berlin:20261202T090000',
      'DTSTART:20261210T100000Z',
      'DURATION:PT2H',
      'SUMMARY:moved',
    ]
    // By another zone's clock, and by its day alone.
    const cancelled = ['UID:a', 'RECURRENCE-ID:20261203T080000Z', 'DTSTART:20261203T080000Z', 'STATUS:CANCELLED']
    const { events } = read(icsFile([moved, [...master, 'EXDATE;VALUE=DATE:20261204'], cancelled]))
    expect(events.map((event) => [event.recurrenceId, formatInstant(event.start), event.summary])).toEqual([
      ['20261201T090000', '2026-12-01T08:00:00Z', ''],
      ['20261202T090000', '2026-12-10T10:00:00Z', 'moved'],
    ])
  })

  test('an instance that moved out of sight is not at its old place either', () => {
    const away = ['UID:a', 'RECURRENCE-ID:20261202T080000Z', 'DTSTART:20300101T080000Z', 'DURATION:PT1H']
    expect(starts(read(icsFile([master, away])))).toHaveLength(3)
  })

  test('an exception without its master is kept', () => {
    const { events } = read(
      icsFile([['UID:a', 'RECURRENCE-ID:20261202T090000Z', 'DTSTART:20261202T100000Z', 'DURATION:PT1H']]),
    )
    expect(events).toMatchObject([{ recurrenceId: '20261202T090000', start: at('2026-12-02T10:00:00Z') }])
  })

  test('a start that its rule does not give is the first instance and counts as one', () => {
    // 1 December 2026 is a Tuesday.
    const { events } = read(icsFile([['UID:a', 'DTSTART:20261201T090000Z', 'RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3']]))
    expect(starts({ events })).toEqual(['2026-12-01T09:00:00Z', '2026-12-07T09:00:00Z', '2026-12-14T09:00:00Z'])
  })

  test('rules as calendars write them: any case, foreign parts, large counts, UNTIL as a day', () => {
    const count = (rule: string) =>
      read(icsFile([['UID:a', 'DTSTART:20261201T090000Z', `RRULE:${rule}`]])).events.length
    expect(count('freq=daily;until=20261203')).toBe(3)
    expect(count('FREQ=DAILY;UNTIL=20261203T085959')).toBe(2)
    expect(count('FREQ=DAILY;COUNT=100000;WKST=SU;X-FOO=1;BYSECOND=0')).toBe(388)
    expect(count('RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT')).toBe(2)
  })

  test('a birthday of 1950 is this year too', () => {
    const { events, poison } = read(icsFile([['UID:a', 'DTSTART;VALUE=DATE:19500612', 'RRULE:FREQ=YEARLY']]))
    expect([starts({ events }), poison]).toEqual([['2027-06-11T22:00:00Z'], []])
  })

  test('a rule that cannot be read leaves the first instance, is listed, and keeps what was held', () => {
    for (const rule of ['FREQ=SECONDLY', 'FREQ=DAILY;BYMONTH=13', 'nonsense', 'FREQ=HOURLY;INTERVAL=2;BYHOUR=1']) {
      const feed = read(icsFile([['UID:a', 'DTSTART:20261201T090000Z', `RRULE:${rule}`]]))
      expect(starts(feed)).toEqual(['2026-12-01T09:00:00Z'])
      expect(feed.poison).toMatchObject([{ uid: 'a', line: 4 }])
      expect(feed.withheld).toEqual(['a'])
    }
  })
})

describe('what cannot be read', () => {
  const good = ['UID:good', 'DTSTART:20261201T090000Z', 'DURATION:PT1H']

  test.each([
    [['UID:bad', 'SUMMARY:no start']],
    [['UID:bad', 'DTSTART:tomorrow']],
    [['UID:bad', 'DTSTART:20261301T090000Z']],
    [['UID:bad', 'DTSTART:20261201T090000Z', 'DTEND:20261201T080000Z']],
    [['UID:bad', 'DTSTART:20261201T090000Z', 'DTEND:later']],
    [['UID:bad', 'DTSTART:20261201T090000Z', 'DURATION:PT']],
    [['UID:bad', 'DTSTART:20261201T090000Z', 'DURATION:P9999W']],
    [['UID:bad', 'DTSTART;X="a:20261201T090000Z']],
    [['UID:bad', 'DTSTART;:20261201T090000Z', 'RECURRENCE-ID:x']],
  ])('%j is listed, and costs itself alone', (bad) => {
    const feed = read(icsFile([good, bad, ['BEGIN:VALARM', 'BEGIN:VALARM', ...good.slice(1), 'UID:hidden', 'UID:x']]))
    expect(feed.events.map((event) => event.uid)).toEqual(['good'])
    expect(feed.poison[0]).toMatchObject({ uid: 'bad', line: 9 })
    expect(feed.withheld[0]).toBe('bad')
  })

  test('an event that never ends costs itself alone', () => {
    const file = icsFile([good, ['UID:open', ...good.slice(1)], good.with(0, 'UID:last')]).replace(
      /(UID:open[\s\S]*?)END:VEVENT\r\n/,
      '$1',
    )
    const feed = read(file)
    expect(feed.events.map((event) => event.uid)).toEqual(['good', 'last'])
    expect(feed.poison).toMatchObject([{ uid: 'open' }])
  })

  test('what is no calendar, or has no end, is never an empty one', () => {
    const failure = (file: string) => {
      const parsed = parseFeed(file, ORDER)
      return parsed.ok ? parsed.value : parsed.error
    }
    for (const file of [
      '',
      '<!doctype html><title>Sign in</title>',
      '{}',
      '\0\u0001binary',
      'BEGIN:VEVENT\nEND:VEVENT',
    ])
      expect(failure(file)).toBe('not_a_calendar')
    const whole = icsFile([good, good])
    for (let cut = 20; cut < whole.length - 16; cut += 7) expect(failure(whole.slice(0, cut))).toBe('cut_off')
    expect(failure(icsFile([]))).toMatchObject({ events: [], poison: [] })
  })

  test('line ends, folds, marks and encodings of all kinds read alike', () => {
    const file = icsFile([[...good, 'SUMMARY:Früh\\, spät\\nund  später']])
    const expected = read(file).events
    expect(expected[0]!.summary).toBe('Früh, spät und  später')
    const folded = file.replaceAll(/(?<=\S)(\S{3})(?=\S)/g, '$1\r\n ')
    for (const variant of [file.replaceAll('\r\n', '\n'), file.replaceAll('\r\n', '\r'), folded]) {
      expect(read(variant).events).toEqual(expected)
    }
    const latin1 = Uint8Array.from(Buffer.from(file, 'latin1'))
    expect(read(decode(latin1, undefined)).events).toEqual(expected)
    expect(read(decode(latin1, 'iso-8859-1')).events).toEqual(expected)
    expect(read(decode(Buffer.from(file), 'utf-8')).events).toEqual(expected)
    expect(read(decode(Buffer.from(`\uFEFF${file}`, 'utf16le'), 'utf-8')).events).toEqual(expected)
    expect(decode(Buffer.from(`\uFEFF${file}`), 'no-such-charset')).toBe(file)
  })

  test('what a store cannot hold does not get there', () => {
    const [event] = read(
      icsFile([[`UID:${'u'.repeat(5_000)}`, ...good.slice(1), `SUMMARY:a\0b\ud800c${'x'.repeat(2_000)}`]]),
    ).events
    expect(event!.uid).toMatch(/^long-uid-[0-9a-f]{64}$/)
    expect(event!.summary).toHaveLength(500)
    expect(event!.summary.isWellFormed() && !event!.summary.includes('\0')).toBe(true)
  })

  test('ids are the same at every reading, and others in another calendar', () => {
    const file = icsFile([good, ['DTSTART:20261201T090000Z', 'SUMMARY:without uid']])
    expect(read(file)).toEqual(read(file))
    const elsewhere = parseFeed(file, { ...ORDER, integrationId: '0199b000-0000-7000-8000-000000000002' })
    expect(elsewhere.ok && elsewhere.value.events.map(({ id }) => id)).not.toContain(read(file).events[0]!.id)
  })
})

function read(file: string): ParsedFeed {
  const parsed = parseFeed(file, ORDER)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

function one(lines: string[], preface: string[]): string | undefined {
  return starts(read(icsFile([['UID:a', ...lines]], preface)))[0]
}

function starts({ events }: Pick<ParsedFeed, 'events'>): string[] {
  return events.map((event) => formatInstant(event.start)).sort()
}

function at(text: string): Instant {
  return parseInstant(text)!
}
