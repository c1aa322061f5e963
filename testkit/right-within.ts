import { expect } from 'vitest'
import type { ScreenPart } from './screen-part.ts'

/** Waits until every part is right, says how long after `since` (epoch ms) each was, and holds them to the promise. */
export async function rightWithin(
  promisedMs: number,
  what: string,
  since: number,
  expected: [ScreenPart, string][],
): Promise<void> {
  const took = await Promise.all(
    expected.map(async ([part, text]) => ({ name: part.name, ms: Math.max(0, (await part.since(text)) - since) })),
  )
  console.log(`${what}: ${took.map(({ name, ms }) => `${name} ${ms} ms`).join(', ')}`)
  for (const { name, ms } of took) expect(ms, `${what}: ${name}`).toBeLessThan(promisedMs)
}
