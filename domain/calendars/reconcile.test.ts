import { expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, instant, plus } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import type { ExternalEvent } from './external-event.ts'
import { coversEnough, pullWindow } from './pull-window.ts'
import { reconcile } from './reconcile.ts'
import { nextPull, soonestPull } from './schedule-pull.ts'

const NOW = instant(Date.UTC(2026, 10, 23, 9))
const WINDOW = pullWindow(NOW)

function event(id: string, given: Partial<ExternalEvent> = {}): ExternalEvent {
  const end = plus(NOW, HOUR_MS)
  const recurrenceId = '20261123T090000' as LocalTime
  return {
    id,
    uid: `${id}@x`,
    recurrenceId,
    start: NOW,
    end,
    allDay: false,
    busy: true,
    status: 'confirmed',
    summary: id,
    ...given,
  }
}

const listing = (events: ExternalEvent[], withheld: string[] = []) => ({
  events,
  withheld: new Set(withheld),
  window: WINDOW,
})

test('what is new is added, what differs is changed, what is gone is removed, what is alike is left', () => {
  const changed = event('b', { summary: 'other' })
  expect(reconcile([event('a'), event('b'), event('c')], listing([event('a'), changed, event('d')]))).toEqual({
    upserts: [changed, event('d')],
    deletes: ['c'],
    added: 1,
    changed: 1,
    removed: 1,
  })
})

test('every part of an event counts', () => {
  const others: Partial<ExternalEvent>[] = [
    { start: plus(NOW, -1) },
    { end: plus(NOW, 1) },
    { allDay: true },
    { busy: false },
    { status: 'tentative' },
    { summary: '' },
  ]
  for (const other of others) expect(reconcile([event('a')], listing([event('a', other)])).changed).toBe(1)
})

test('twice the same listing changes nothing the second time', () => {
  const first = listing([event('a'), event('b')])
  const { upserts } = reconcile([], first)
  expect(reconcile(upserts, first)).toMatchObject({ upserts: [], deletes: [] })
})

test('what could not be read stays, until it is over', () => {
  const old = event('c', { start: plus(WINDOW.start, -DAY_MS), end: WINDOW.start })
  expect(reconcile([event('a'), event('b'), old], listing([], ['a@x', 'c@x']))).toEqual({
    upserts: [],
    deletes: ['b', 'c'],
    added: 0,
    changed: 0,
    removed: 1,
  })
})

test('the window stands still within a day, and an old one is not enough', () => {
  expect(pullWindow(plus(NOW, 10 * HOUR_MS))).toEqual(WINDOW)
  expect(coversEnough(WINDOW.end, plus(NOW, 6 * DAY_MS))).toBe(true)
  expect(coversEnough(WINDOW.end, plus(NOW, 8 * DAY_MS))).toBe(false)
  expect(coversEnough(null, NOW)).toBe(false)
})

test('a source is asked every quarter of an hour, later and later while it fails, never before it allows', () => {
  const wait = (failures: number, random: number, retryAfterMs = 0) =>
    nextPull(NOW, { failures, random, retryAfterMs }) - NOW
  expect([wait(0, 0), wait(0, 0.5), wait(0, 0.999)]).toEqual([12 * MINUTE_MS, 15 * MINUTE_MS, 1_079_640])
  expect([1, 2, 3, 9, 10, 1_000].map((failures) => wait(failures, 0.5) / MINUTE_MS)).toEqual([1, 2, 4, 256, 360, 360])
  expect(wait(1, 0.5, 2 * HOUR_MS)).toBe(2 * HOUR_MS)
  expect(wait(1, 0.5, 30 * DAY_MS)).toBe(DAY_MS)
  expect(soonestPull(NOW, { lastAttemptAt: null, notBefore: null })).toBe(NOW)
  expect(soonestPull(NOW, { lastAttemptAt: plus(NOW, -10_000), notBefore: null })).toBe(NOW + 20_000)
  expect(soonestPull(NOW, { lastAttemptAt: null, notBefore: plus(NOW, DAY_MS) })).toBe(NOW + DAY_MS)
})
