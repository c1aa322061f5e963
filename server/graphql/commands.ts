import { hash } from 'node:crypto'
import type { GraphQLResolveInfo } from 'graphql'
import type { Actor } from '../../domain/identity/actor.ts'
import type { GraphContext } from './graph-context.ts'

/**
 * The actor of one mutation field. An idempotency key is remembered per field of the operation (by the name it answers under),
 * so a request with two mutations may carry one.
 */
export function actorOf({ actor, idempotencyKey }: GraphContext, args: object, info: GraphQLResolveInfo): Actor {
  if (idempotencyKey === undefined) return actor
  const operation = `GRAPHQL ${info.fieldName} ${info.path.key}`
  // The same key in another name is another request.
  const asked = actor.delegateId === undefined ? args : [actor.userId, args]
  const fingerprint = hash('sha256', JSON.stringify(asked), 'base64url')
  return { ...actor, idempotency: { key: idempotencyKey, operation, fingerprint } }
}
