import { describe, expect, test } from 'vitest'
import { parseInstant } from '../../domain/time/iso.ts'
import { icsFile } from '../../testkit/ics-server.ts'
import { PARSE_DEADLINE_MS, readCalendar } from './read-calendar.ts'

const ORDER = {
  charset: undefined,
  integrationId: '0199b000-0000-7000-8000-000000000001',
  timezone: 'Europe/Berlin',
  window: { start: parseInstant('2026-10-24T00:00:00Z')!, end: parseInstant('2027-12-24T00:00:00Z')! },
}
const MIB = 1_048_576
/** The main thread hands over bytes and takes pieces of a thousand events. Its own CPU time: other work on the machine does not count. */
const MOST_CPU_MS = 300
const MOST_MEMORY = 400 * MIB

const EVENT = ['UID:x', 'DTSTART:20261201T090000Z', 'DTEND:20261201T100000Z']
const repeated = (text: string, size = 2 * MIB) => text.repeat(Math.floor((size - 200) / text.length))
const calendar = (inner: string) => `BEGIN:VCALENDAR\r\n${inner}\r\nEND:VCALENDAR\r\n`
const event = (...lines: string[]) => `BEGIN:VEVENT\r\n${lines.join('\r\n')}\r\nEND:VEVENT\r\n`
const rule = (text: string) => event(...EVENT, `RRULE:${text}`)

/** Two megabytes of each kind of malice, and ten of some. */
const CORPUS: [name: string, file: () => string, expected: 'read' | RegExp][] = [
  ['nesting without end', () => calendar(repeated('BEGIN:VALARM\r\n', 10 * MIB)), 'read'],
  ['events in events', () => calendar(repeated('BEGIN:VEVENT\r\n', MIB)), 'read'],
  ['calendars in calendars', () => repeated('BEGIN:VCALENDAR\r\n'), /cut_off/],
  ['one line', () => calendar(`SUMMARY:${repeated('x', 10 * MIB)}`), 'read'],
  ['one folded line', () => calendar(event(...EVENT, `SUMMARY:${repeated('x\r\n ')}`)), 'read'],
  ['one parameter', () => calendar(event(...EVENT, `DTSTART;X="${repeated('a')}`)), 'read'],
  [
    'a thousand parameters a line',
    () => calendar(repeated(`${event(...EVENT, `SUMMARY${';A=b'.repeat(1_000)}:x`)}`)),
    'read',
  ],
  ['quotes that never close', () => calendar(repeated(event('UID:q', `DTSTART;X=",${'",'.repeat(200)}:1`))), 'read'],
  ['no end', () => `BEGIN:VCALENDAR\r\n${repeated(event(...EVENT))}`, /cut_off/],
  [
    'binary',
    () => String.fromCharCode(...Array.from({ length: 9_000 }, (_, i) => (i * 7919) % 256)).repeat(1_000),
    /not_a/,
  ],
  ['empty events', () => calendar(repeated('BEGIN:VEVENT\r\nEND:VEVENT\r\n')), 'read'],
  [
    'a hundred thousand events of the past',
    () => calendar(repeated(event('UID:p', 'DTSTART:20200101T000000Z', 'DTEND:20200101T010000Z'), 8 * MIB)),
    'read',
  ],
  ['thousands of events of one uid', () => calendar(repeated(event(...EVENT))), /read|too_many/],
  [
    'too many events',
    () => calendar(Array.from({ length: 61_000 }, (_, i) => event(`UID:${i}`, ...EVENT.slice(1))).join('')),
    /too_many_events/,
  ],
  ['seconds for ever', () => calendar(rule('FREQ=SECONDLY')), 'read'],
  [
    'every minute of ever more events',
    () => calendar(repeated(rule('FREQ=MINUTELY;COUNT=1000000000'))),
    /read|too_many/,
  ],
  [
    'rules that count for ever',
    () =>
      calendar(
        repeated(
          event(
            'UID:c',
            'DTSTART:19700101T000000Z',
            'RRULE:FREQ=DAILY;COUNT=999999999;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11',
          ),
        ),
      ),
    /read|too_many|timed_out|memory/,
  ],
  [
    'rules that never come true',
    () =>
      calendar(
        repeated(event('UID:n', 'DTSTART:19700101T000000Z', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5')),
      ),
    /read|too_many|timed_out|memory/,
  ],
  [
    'hundreds of thousands of exceptions',
    () => calendar(event(...EVENT, 'RRULE:FREQ=DAILY', `EXDATE:${repeated('20261202T090000Z,')}`)),
    'read',
  ],
  [
    'lines of exceptions',
    () => calendar(event(...EVENT, 'RRULE:FREQ=DAILY', repeated('RDATE:20261202T090000Z,20270101T000000Z\r\n'))),
    'read',
  ],
  [
    'zones without end',
    () =>
      calendar(
        repeated(
          'BEGIN:VTIMEZONE\r\nTZID:a\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=DAILY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n',
        ),
      ),
    /read|timed_out/,
  ],
]

describe('a hostile file', () => {
  test.each(CORPUS)(
    '%s ends within its bounds, and holds up nobody',
    async (_name, file, expected) => {
      const bytes = Uint8Array.from(Buffer.from(file()))
      const before = process.memoryUsage().rss
      const began = performance.now()
      const cpu = process.threadCpuUsage()
      const isEndless = expected instanceof RegExp && expected.test('timed_out')
      const deadlineMs = isEndless ? 1_000 : PARSE_DEADLINE_MS
      const read = await readCalendar({ ...ORDER, bytes }, new AbortController().signal, { deadlineMs })
      const { user, system } = process.threadCpuUsage(cpu)
      expect(read.ok ? 'read' : read.error).toMatch(expected)
      expect(performance.now() - began).toBeLessThan(deadlineMs + 2_000)
      expect((user + system) / 1_000).toBeLessThan(MOST_CPU_MS)
      expect(process.memoryUsage().rss - before).toBeLessThan(MOST_MEMORY)
    },
    15_000,
  )
})

test('a large honest calendar is read whole', async () => {
  const rules = Array.from({ length: 20 }, (_, i) => [
    `UID:${i}`,
    ...EVENT.slice(1),
    'RRULE:FREQ=DAILY',
    'SUMMARY:Stand-up',
  ])
  const bytes = Uint8Array.from(Buffer.from(icsFile(rules)))
  const read = await readCalendar({ ...ORDER, bytes }, new AbortController().signal)
  expect(read.ok && read.value.events.length).toBe(20 * 388)
}, 15_000)

test('one that takes too much memory, or too long, dies alone', async () => {
  const stops = AbortSignal.timeout(0)
  const bytes = () => Uint8Array.from(Buffer.from(calendar(repeated(rule('FREQ=DAILY')))))
  expect(await readCalendar({ ...ORDER, bytes: bytes() }, stops)).toEqual({ ok: false, error: 'parse_timed_out' })
  const heap = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 }
  const events = Array.from({ length: 40_000 }, (_, i) => event(`UID:${i}`, ...EVENT.slice(1)))
  const large = Uint8Array.from(Buffer.from(calendar(events.join(''))))
  const read = await readCalendar({ ...ORDER, bytes: large }, new AbortController().signal, { heap })
  expect(read).toEqual({ ok: false, error: 'parse_out_of_memory' })
}, 15_000)
