import { expect, test } from 'vitest'
import { meeting, roomNow } from './room-now.ts'

const span = (id: string, start: number, end: number) => ({ id, start, end, kind: 'booking' })
const first = span('first', 10, 20)
const second = span('second', 20, 30)
const third = span('third', 40, 50)
const spans = [first, second, third]

test('a free room knows what comes next', () => {
  expect(roomNow(spans, 5)).toEqual({ current: undefined, next: first, freeAt: 5 })
  expect(roomNow(spans, 35)).toEqual({ current: undefined, next: third, freeAt: 35 })
  expect(roomNow(spans, 60)).toEqual({ current: undefined, next: undefined, freeAt: 60 })
})

test('spans are half-open: a booking begins at its start and is over at its end', () => {
  expect(roomNow(spans, 9).current).toBeUndefined()
  expect(roomNow(spans, 10).current).toBe(first)
  expect(roomNow(spans, 20).current).toBe(second)
  expect(roomNow(spans, 30).current).toBeUndefined()
})

test('bookings that follow each other at once are free after the last of them', () => {
  expect(roomNow(spans, 15)).toEqual({ current: first, next: second, freeAt: 30 })
  expect(roomNow(spans, 45)).toEqual({ current: third, next: undefined, freeAt: 50 })
})

test('time is in the way only where it overlaps', () => {
  expect(meeting(spans, 30, 40)).toEqual([])
  expect(meeting(spans, 29, 41)).toEqual([second, third])
})
