import type { z } from 'zod'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Refusal } from '../../domain/refusals.ts'
import type { Result } from '../../domain/result.ts'
import type { Attempt } from '../rate-limits.ts'

/** One parsed request. `body`, `query` and `params` are what the route's schemas gave. */
export interface Call<Body = unknown, Query = unknown, Params = unknown> {
  actor: Actor
  body: Body
  query: Query
  params: Params
  /** The version half of If-Match; '*' for any current one; undefined when not sent. */
  ifVersion: number | '*' | undefined
  /** Bearer token, peer address and agent: for /auth only. */
  client: { token: string | undefined; address: string; userAgent: string | undefined }
}

export interface Answer {
  status: 200 | 201 | 202 | 204
  body?: unknown
  /** Instead of a JSON body. */
  content?: { type: string; text: string }
  location?: string
  /** `<version>.<text revision>`, unquoted. */
  etag?: string
}

type Schema = z.ZodType

/**
 * One operation of the HTTP contract as data: the server mounts it, parses by it, and prints it into /openapi.json.
 * `locate` answers 404 or 403 for the thing the path names; it is asked only when the request itself is wrong, because
 * those come before 422 in the order of refusals. The command makes its own check on the happy path.
 */
export interface Route<B extends Schema = Schema, Q extends Schema = Schema, P extends Schema = Schema> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  summary: string
  /** Answers without an access token. */
  public?: true
  /** A panel may knock here; it is refused everywhere else. */
  panels?: true
  /** A try at proving who one is, counted by address and by the account the body names. */
  attempts?: { kind: Attempt; account?: (body: z.output<B>) => string }
  body?: B
  query?: Q
  params?: P
  /** Shape of the success answer's body, for /openapi.json. */
  answers?: Schema
  /** Of the success answer, where it is not JSON. */
  media?: string
  locate?: (actor: Actor, params: z.output<P>) => Promise<Refusal | undefined>
  handle: (call: Call<z.output<B>, z.output<Q>, z.output<P>>) => Promise<Result<Answer, Refusal>>
}

/** Lets the schemas of one route type its handler. */
export function route<B extends Schema, Q extends Schema, P extends Schema>(definition: Route<B, Q, P>): Route {
  return definition as unknown as Route
}
