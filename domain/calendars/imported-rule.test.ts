import { describe, expect, test } from 'vitest'
import { formatRule } from '../recurrence/rule.ts'
import { HOUR_MS, instant } from '../time/instant.ts'
import { formatInstant, parseInstant } from '../time/iso.ts'
import { parseLocalTime, wallMs } from '../time/local-time.ts'
import { findZone } from '../time/zone.ts'
import { type FileEvent, MAX_PER_EVENT, expandEvents } from './expand-events.ts'
import { readImportedRule } from './imported-rule.ts'

const zone = findZone('Europe/Berlin')!
const JULY = { start: parseInstant('2026-07-01T00:00:00Z')!, end: parseInstant('2026-08-01T00:00:00Z')! }

describe('the rule of an imported event', () => {
  test.each([
    ['freq=weekly; byday=mo', 'FREQ=WEEKLY;BYDAY=MO'],
    ['FREQ=DAILY;X-NOTE=a b;BYSECOND=0;SKIP=OMIT;RSCALE=GREGORIAN', 'FREQ=DAILY'],
    ['FREQ=DAILY;COUNT=50000', 'FREQ=DAILY;COUNT=50000'],
    ['FREQ=DAILY;COUNT=999999999999999', 'FREQ=DAILY;COUNT=1000000000'],
    ['FREQ=WEEKLY;INTERVAL=5200', 'FREQ=WEEKLY;INTERVAL=5200'],
    ['FREQ=WEEKLY;INTERVAL=0', 'FREQ=WEEKLY'],
    ['FREQ=DAILY;COUNT=3;UNTIL=20260101T000000Z', 'FREQ=DAILY;COUNT=3;UNTIL=20260101T000000Z'],
    ['FREQ=DAILY;UNTIL=20260701', 'FREQ=DAILY;UNTIL=20260701T215959Z'],
    ['FREQ=DAILY;UNTIL=20260701T120000', 'FREQ=DAILY;UNTIL=20260701T100000Z'],
    ['FREQ=DAILY;UNTIL=99991231T235959Z', 'FREQ=DAILY;UNTIL=22001231T235959Z'],
  ])('%s is read as %s', (text, expected) => {
    const rule = readImportedRule(text, zone)
    expect(rule.ok ? formatRule(rule.value) : rule.error).toBe(expected)
  })

  test.each([
    ['FREQ=SECONDLY;COUNT=1000000', 'within a day'],
    ['FREQ=HOURLY;INTERVAL=2;BYHOUR=1', 'within a day'],
    ['FREQ=DAILY;COUNT=0', 'COUNT'],
    ['FREQ=DAILY;COUNT=-1', 'COUNT'],
    ['FREQ=DAILY;UNTIL=soon', 'UNTIL'],
    ['FREQ=YEARLY;RSCALE=HEBREW', 'another calendar system'],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0', 'BYSETPOS'],
    ['WKST=MO', 'FREQ'],
    ['', 'empty'],
  ])('%s is refused for its event, in a sentence', (text, part) => {
    const rule = readImportedRule(text, zone)
    expect(!rule.ok && rule.error).toContain(part)
  })
})

describe('an imported event', () => {
  test('whose start its rule does not give has it as an instance, which counts', () => {
    expect(starts(event('2026-07-01T10:00', 'FREQ=WEEKLY;BYDAY=TH;COUNT=3'))).toEqual([
      ...['2026-07-01T08:00:00Z', '2026-07-02T08:00:00Z', '2026-07-09T08:00:00Z'],
    ])
  })

  test('that counts to a thousand million from 1970 on costs no more than its window', () => {
    const found = starts(event('1970-01-01T10:00', 'FREQ=DAILY;BYHOUR=10,11;COUNT=1000000000'))
    expect([found.length, found[0]]).toEqual([62, '2026-07-01T08:00:00Z'])
  })

  test('ends where its COUNT ends, however far that is from its start', () => {
    // 20,630 days lie between the two.
    const found = starts(event('1970-01-01T10:00', 'FREQ=DAILY;COUNT=20640'))
    expect([found.length, found.at(-1)]).toEqual([5, '2026-07-05T08:00:00Z'])
  })

  test('that fills all days is cut and named, and the others stay whole', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour).join(',')
    const greedy = { ...event('2026-01-01T00:00', `FREQ=DAILY;BYHOUR=${hours}`), uid: 'greedy' }
    const window = { start: JULY.start, end: instant(JULY.start + 300 * 24 * HOUR_MS) }
    const { events, poison } = expandEvents([greedy, event('2026-07-02T10:00', null)], window)
    expect(events.filter(({ uid }) => uid === 'greedy')).toHaveLength(MAX_PER_EVENT)
    expect(events.filter(({ uid }) => uid === 'one')).toHaveLength(1)
    expect(poison.map(({ uid }) => uid)).toEqual(['greedy'])
  })
})

function event(start: string, text: string | null): FileEvent {
  const rule = text === null ? null : readImportedRule(text, zone)
  if (rule?.ok === false) throw new Error(rule.error)
  return {
    ...{ uid: 'one', line: 1, durationMs: HOUR_MS, rule: rule?.value ?? null, rdates: [], exdates: [], sequence: 0 },
    ...{ start: { wall: wallMs(parseLocalTime(start)!), zone, isDate: false }, recurrenceId: null, cancelled: false },
    ...{ busy: true, status: 'confirmed', summary: '' },
  }
}

function starts(one: FileEvent): string[] {
  return expandEvents([one], JULY).events.map(({ start }) => formatInstant(start))
}
