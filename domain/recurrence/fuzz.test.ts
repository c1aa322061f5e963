import { expect, test } from 'vitest'
import { SLOW_MS, fuzzRules } from '../../testkit/fuzz/try-rule.ts'

/** `node testkit/fuzz-rules.ts` does the same with 100,000. */
test('of some thousand random rules none crashes, none takes long, and each refusal says why', () => {
  const seed = Date.now() % 1_000_000
  let [accepted, refused] = [0, 0]
  for (const { text, start, zone, fault, ms, ...verdict } of fuzzRules(seed, 3_000)) {
    const words = `seed ${seed}: ${start} ${zone} ${JSON.stringify(text)}`
    expect(fault, words).toBeNull()
    expect(ms, words).toBeLessThanOrEqual(SLOW_MS)
    if (verdict.accepted) accepted++
    else refused++
  }
  // Both kinds, or the generator has gone wrong.
  expect(Math.min(accepted, refused)).toBeGreaterThan(300)
}, 60_000)
