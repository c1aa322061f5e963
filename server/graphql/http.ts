import { type Context, Hono } from 'hono'
import { currentSpan } from '../../db/tracing.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { refuse } from '../../domain/refusals.ts'
import { type ApiEnv, bearer } from '../api-env.ts'
import type { ApiDeps } from '../deps.ts'
import { ON_BEHALF_OF, actingFor } from '../on-behalf-of.ts'
import { problemResponse } from '../problems.ts'
import { readJson } from '../rest/body.ts'
import { GRAPHQL_PATH, type GraphServer } from './graph-server.ts'
import type { LiveSessions } from './live-sessions.ts'
import { Refused } from './refused.ts'

export interface GraphHttpDeps extends Pick<ApiDeps, 'authenticate' | 'pool'>, Pick<GraphServer, 'yoga'> {
  sessions: LiveSessions
}

const EVENT_STREAM = 'text/event-stream'
/** A stream is turned away only with what coming back cures, with a new token or later: that clients do by themselves. */
const COME_BACK: ReadonlySet<number> = new Set([401, 429, 503])

/**
 * GraphQL over HTTP. POST takes JSON (so a browser asks first), GET takes queries only; `Accept: text/event-stream` streams
 * (graphql-sse, distinct connections). What is refused before an operation begins answers its status; then nothing happened.
 * On a stream the refusal is the one `next`, because a client of streams reads no other answer.
 */
export function graphqlHttp(deps: GraphHttpDeps): Hono<ApiEnv> {
  const answer = (c: Context<ApiEnv>) => answerGraphql(deps, c)
  return new Hono<ApiEnv>()
    .get(GRAPHQL_PATH, answer)
    .post(GRAPHQL_PATH, answer)
    .all(GRAPHQL_PATH, async (c) => {
      const principal = await deps.authenticate(bearer(c.req.header('authorization')), 'http')
      const refusal =
        principal === undefined
          ? refuse('unauthenticated')
          : refuse('method_not_allowed', '/graphql answers to GET, POST.')
      const response = problemResponse(refusal, c.get('requestId'))
      if (response.status === 405) response.headers.set('allow', 'GET, POST')
      return response
    })
}

async function answerGraphql(deps: GraphHttpDeps, c: Context<ApiEnv>): Promise<Response> {
  const { authenticate, yoga, sessions } = deps
  c.set('route', GRAPHQL_PATH)
  const requestId = c.get('requestId')
  const token = bearer(c.req.header('authorization'))
  const principal = await authenticate(token, 'http')
  if (principal === undefined) return problemResponse(refuse('unauthenticated'), requestId)
  const acting = await actingFor(deps.pool, principal, c.req.header(ON_BEHALF_OF))
  if (!acting.ok) return problemResponse(acting.error, requestId)
  const actor: Actor = { ...acting.value, requestId, trace: currentSpan()?.traceparent }
  const json = c.req.method === 'POST' ? await readJson(c) : undefined
  if (json?.ok === false) return problemResponse(json.error, requestId)

  const response = await yoga.fetch(c.req.raw, {
    actor,
    body: json?.value,
    mayWrite: c.req.method === 'POST',
    idempotencyKey: c.req.header('idempotency-key'),
    async enter(stop) {
      if (!c.req.header('accept')?.includes(EVENT_STREAM)) {
        throw new Refused(refuse('invalid_input', `A subscription needs Accept: ${EVENT_STREAM}.`))
      }
      // A stream would outlive the delegation.
      if (actor.delegateId !== undefined) throw new Refused(refuse('forbidden', 'Nobody listens for another.'))
      sessions.enter(actor, stop)
      // What ended before it was entered is not heard of again.
      if ((await authenticate(token, 'http'))?.role !== principal.role) throw new Refused(refuse('unauthenticated'))
    },
  })
  response.headers.set('cache-control', 'no-store')
  if (response.headers.get('content-type') !== EVENT_STREAM || response.body === null) return response
  // Proxies pass on at once what they are told not to keep.
  response.headers.set('x-accel-buffering', 'no')
  const status = COME_BACK.has(response.status) ? response.status : 200
  return new Response(untilBroken(response.body), { status, headers: response.headers })
}

/** A stream that is broken off ends without `complete`, after which clients come back. */
function untilBroken(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done || value === undefined) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
