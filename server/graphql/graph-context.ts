import type { Actor } from '../../domain/identity/actor.ts'
import type { GraphDeps } from './deps.ts'
import type { Loaders } from './loaders.ts'

/** What every resolver of one operation shares. */
export interface GraphContext {
  actor: Actor
  deps: GraphDeps
  load: Loaders
  /** Sent by the client with a mutation. */
  idempotencyKey: string | undefined
  /** Aborted when the client has gone or may not listen any more. */
  signal: AbortSignal
}
