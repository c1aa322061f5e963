import { expect, test } from 'vitest'
import { instantIn } from '../client/zone.ts'
import { roomWords } from './room-words.ts'

const ZONE = 'Europe/Berlin'
const at = (time: string, date = '2026-11-24') => instantIn(ZONE, date, time)

function room(...spans: [start: string, end: string, date?: string][]) {
  return {
    spans: spans.map(([start, end, date], i) => ({
      id: `${i}`,
      start: at(start, date),
      end: at(end, date),
      kind: 'booking',
    })),
    changes: 0,
    closed: false,
  }
}

test('a free room says until when, and what comes then', () => {
  expect(roomWords(room(['14:30', '15:00']), at('10:42'), ZONE)).toEqual({
    tone: 'free',
    headline: 'Free until 14:30',
    next: 'Reserved 14:30–15:00 next',
  })
})

test('the same room says something else as minutes pass and nothing happens', () => {
  const same = room(['14:30', '15:00'])
  expect(roomWords(same, at('14:20'), ZONE).tone).toBe('soon')
  expect(roomWords(same, at('14:30'), ZONE).headline).toBe('In use until 15:00')
  expect(roomWords(same, at('15:00'), ZONE).headline).toBe('Free today')
})

test('a room in use says what follows, and when it is free if that is not at once', () => {
  expect(roomWords(room(['10:00', '11:00']), at('10:42'), ZONE).next).toBe('Then free for the rest of the day')
  expect(roomWords(room(['10:00', '11:00'], ['13:00', '14:00']), at('10:42'), ZONE).next).toBe(
    'Reserved 13:00–14:00 next',
  )
  expect(roomWords(room(['10:00', '11:00'], ['11:00', '12:30']), at('10:42'), ZONE).next).toBe(
    'Reserved 11:00–12:30 next, free at 12:30',
  )
})

test('another day is named', () => {
  const words = roomWords(room(['09:00', '10:00', '2026-11-25']), at('18:00'), ZONE)
  expect(words).toEqual({ tone: 'free', headline: 'Free today', next: 'Reserved Wed 25 Nov 09:00–10:00 next' })
})

test('a room nothing is known of yet, or any more, claims nothing', () => {
  expect(roomWords(undefined, at('10:00'), ZONE).tone).toBe('unknown')
  expect(roomWords({ ...room(), closed: true }, at('10:00'), ZONE).tone).toBe('unknown')
})
