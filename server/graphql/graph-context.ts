import type { OperationDefinitionNode } from 'graphql'
import type { Actor } from '../../domain/identity/actor.ts'
import type { GraphDeps } from './deps.ts'
import type { Loaders } from './loaders.ts'

/** What a transport says of one operation, beside the operation itself. */
export interface GraphCall {
  actor: Actor
  /** Commands are taken: not by GET, nor with a token that may have stood in a URL. */
  mayWrite: boolean
  /** Of a header, where there are any. */
  idempotencyKey?: string | undefined
  /** Lets a stream in, which `stop` ends, or throws. Absent where the transport itself ends what it carries. */
  enter?: ((stop: AbortController) => Promise<void>) | undefined
}

/** What every resolver of one operation shares. */
export interface GraphContext {
  actor: Actor
  deps: GraphDeps
  load: Loaders
  /** Sent by the client with a mutation. */
  idempotencyKey: string | undefined
  /** Aborted when the client has gone or may not listen any more. */
  stop: AbortController
}

export interface OperationContext extends GraphCall, GraphContext {
  idempotencyKey: string | undefined
  operation: OperationDefinitionNode
}
