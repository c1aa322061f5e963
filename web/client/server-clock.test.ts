import { describe, expect, test } from 'vitest'
import { learn, offsetOf } from './server-clock.ts'

const DATE = Date.parse('2026-11-24T10:42:00Z')

describe('the server’s clock', () => {
  test('one that may agree with ours is taken to agree', () => {
    expect(offsetOf(undefined)).toBe(0)
    expect(offsetOf(learn(undefined, DATE, DATE + 300, DATE + 340))).toBe(0)
    expect(offsetOf(learn(undefined, DATE, DATE + 1_800, DATE + 1_840))).toBe(0)
  })

  test('one that is minutes away is known to half a second by one answer, and better by several', () => {
    const real = 180_000
    const answerAt = (at: number) => [Math.floor((at + real) / 1_000) * 1_000, at - 20, at + 20] as const
    let known = learn(undefined, ...answerAt(DATE + 100))
    expect(Math.abs(offsetOf(known) - real)).toBeLessThanOrEqual(520)
    for (const later of [5_350, 10_600, 15_850, 20_990]) known = learn(known, ...answerAt(DATE + later))
    expect(Math.abs(offsetOf(known) - real)).toBeLessThanOrEqual(150)
  })

  test('a clock that was set is believed anew', () => {
    const before = learn(undefined, DATE, DATE, DATE)
    expect(offsetOf(learn(before, DATE + 3_600_000, DATE, DATE))).toBe(3_600_500)
  })
})
