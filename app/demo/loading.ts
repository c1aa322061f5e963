import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Passwords } from '../../domain/identity/ports.ts'
import type { Result } from '../../domain/result.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { DemoPerson } from './people.ts'

export interface DemoDeps extends Clock, Ids {
  /** Acts as convoke_app. One of its connections is kept for the lock while loading, so it needs at least two. */
  pool: Pool
  tzVersion: string
  passwords: Passwords
  onNews: () => void
  log: Logger
  /** After each booking. */
  onProgress?: ((done: number, total: number) => void) | undefined
}

/** What every step of loading needs to know. */
export interface DemoLoad extends DemoDeps {
  organizationId: string
  /** When loading began for the first time: the middle of the six weeks, also when a later start finishes it. */
  foundedAt: Instant
  actorOf: (person: DemoPerson) => Actor
}

/** Transactions at a time: more would only wait for each other on two cores. */
const AT_ONCE = 8

/** Runs `work` for each item, at most `AT_ONCE` at a time; after a failure it starts nothing new, waits, and throws. */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  let failed = false
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (const item of left) {
      if (failed) return
      try {
        await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  })
  const outcomes = await Promise.allSettled(lanes)
  const broken = outcomes.find((outcome) => outcome.status === 'rejected')
  if (broken !== undefined) throw broken.reason
}

/** For what cannot be refused unless the demo itself is wrong. */
export function requireOk<T>(result: Result<T, { code: string }>, what: string): T {
  if (!result.ok) throw new Error(`${what} of the demo was refused: ${result.error.code}`)
  return result.value
}
