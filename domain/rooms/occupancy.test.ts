import { describe, expect, test } from 'vitest'
import { MINUTE_MS, instant } from '../time/instant.ts'
import { type OccupancySample, foldOccupancy, silenceFrom, silentSince } from './occupancy.ts'

const at = (minute: number) => instant(1_700_000_000_000 + minute * MINUTE_MS)
let made = 0
const sample = (minute: number, present: boolean, count: number | null = null): OccupancySample => {
  return { id: `s${++made}`, roomId: 'aurora', at: at(minute), present, count, confidence: null }
}

describe('what sensors say', () => {
  test('samples in any order give what the same samples in order give', () => {
    const samples = [sample(1, true, 3), sample(2, true, 4), sample(3, false), sample(5, false)]
    const inOrder = foldOccupancy(null, samples)
    expect(inOrder).toEqual({
      ...{ at: at(5), present: false, count: null, changedAt: at(3), lastPresentAt: at(2), silenceToldAt: null },
    })
    expect(foldOccupancy(null, samples.toReversed())).toEqual(inOrder)
  })

  test('a late word does not overturn a newer one, though it is known that somebody was there', () => {
    const known = foldOccupancy(null, [sample(1, true), sample(4, false)])
    const after = foldOccupancy(known, [sample(3, true)])
    expect(after).toMatchObject({ at: at(4), present: false, changedAt: at(4), lastPresentAt: at(3) })
  })

  test('silence begins when a sensor has missed its rounds', () => {
    const known = foldOccupancy(null, [sample(0, true)])!
    expect(silentSince(null, at(100))).toBeUndefined()
    expect(silentSince(known, at(8))).toBeUndefined()
    expect(silentSince(known, silenceFrom(known))).toBe(silenceFrom(known))
    expect(silentSince(known, at(60))).toBe(silenceFrom(known))
  })
})
