import { describe, expect, test } from 'vitest'
import { HOUR_MS, MINUTE_MS, instant } from '../time/instant.ts'
import { freeStarts } from './suggest-slots.ts'

const span = (fromMinutes: number, toMinutes: number) => ({
  start: instant(fromMinutes * MINUTE_MS),
  end: instant(toMinutes * MINUTE_MS),
})
const WANTED = span(0, 60)
const NO_MARGIN = { beforeMs: 0, afterMs: 0 }
const minutes = (starts: number[]) => starts.map((start) => start / MINUTE_MS)

describe('later starts', () => {
  test('begin at the next quarter that is free, and one meeting later', () => {
    expect(minutes(freeStarts(WANTED, [], NO_MARGIN))).toEqual([15, 75])
    expect(minutes(freeStarts(WANTED, [span(-30, 40)], NO_MARGIN))).toEqual([45, 105])
    expect(minutes(freeStarts(WANTED, [span(0, 60), span(75, 90), span(120, 130)], NO_MARGIN))).toEqual([135, 195])
  })

  test('touch what is busy but keep the margins a room asks for', () => {
    const margins = { beforeMs: 20 * MINUTE_MS, afterMs: 10 * MINUTE_MS }
    expect(minutes(freeStarts(WANTED, [span(0, 60)], NO_MARGIN))).toEqual([60, 120])
    expect(minutes(freeStarts(WANTED, [span(0, 60)], margins))).toEqual([90, 150])
    expect(minutes(freeStarts(WANTED, [span(0, 60), span(155, 200)], margins))).toEqual([225, 285])
  })

  test('are at least a quarter apart and at most twelve hours away', () => {
    expect(minutes(freeStarts(span(0, 1), [], NO_MARGIN))).toEqual([15, 30])
    const allDay = { start: instant(0), end: instant(12 * HOUR_MS + MINUTE_MS) }
    expect(freeStarts(WANTED, [allDay], NO_MARGIN)).toEqual([])
    expect(minutes(freeStarts(WANTED, [span(0, 720)], NO_MARGIN))).toEqual([720])
  })
})
