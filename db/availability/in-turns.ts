import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Steps } from '../../domain/availability/suggestions/steps.ts'

/** What others wait for at most before they get their turn: less than what a person or a heartbeat notices. */
const TURN_MS = 8

/** Takes the steps to their end, and lets everything else that waits in this process go on in between. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let since = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() - since < TURN_MS) continue
    await nextTurn()
    since = performance.now()
  }
}
