import { setTimeout as delay } from 'node:timers/promises'

const LIMIT_MS = 10_000
const STEP_MS = 10

/**
 * Waits for a condition of another process, which nobody can be told of: asks until `question` has nothing to complain about,
 * and throws its last complaint after ten seconds.
 */
export async function eventually(question: () => Promise<string | undefined>, limitMs = LIMIT_MS): Promise<void> {
  const limit = performance.now() + limitMs
  for (;;) {
    const complaint = await question()
    if (complaint === undefined) return
    if (performance.now() > limit) throw new Error(`not within ${limitMs} ms: ${complaint}`)
    await delay(STEP_MS)
  }
}
