import { expect, test } from 'vitest'
import { lanesOf } from './lanes.ts'

function laned(...spans: [start: number, end: number][]) {
  return lanesOf(spans, ([start, end]) => ({ start, end })).map(({ item, lane, lanes }) => [item[0], lane, lanes])
}

test('what overlaps lies side by side, what only touches does not', () => {
  expect(laned([0, 10], [10, 20])).toEqual([
    [0, 0, 1],
    [10, 0, 1],
  ])
  expect(laned([5, 15], [0, 10], [10, 20], [30, 40])).toEqual([
    [0, 0, 2],
    [5, 1, 2],
    [10, 0, 2],
    [30, 0, 1],
  ])
})
