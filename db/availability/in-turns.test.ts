import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Steps } from '../../domain/availability/suggestions/steps.ts'
import { inTurns } from './in-turns.ts'

/** Each step takes as long as it says. */
function* busyFor(steps: number, ms: number): Steps<string> {
  for (let i = 0; i < steps; i++) {
    const until = performance.now() + ms
    while (performance.now() < until);
    yield 1
  }
  return 'done'
}

test('a long search lets others have their turns, a short one is done in its own', async () => {
  const turnsDuring = async (steps: Steps<string>) => {
    let [turns, isOver] = [0, false]
    const search = inTurns(steps).finally(() => (isOver = true))
    while (!isOver) {
      await nextTurn()
      turns++
    }
    expect(await search).toBe('done')
    return turns
  }
  expect(await turnsDuring(busyFor(40, 2))).toBeGreaterThan(5)
  expect(await turnsDuring(busyFor(1, 0))).toBe(1)
})
