import { type Context, Hono } from 'hono'
import { type Actor } from '../../domain/identity/actor.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { type ApiEnv, bearer } from '../api-env.ts'
import type { ApiDeps } from '../deps.ts'
import { problemResponse } from '../problems.ts'
import { readJson } from '../rest/body.ts'
import type { LiveSessions } from './live-sessions.ts'
import type { OpenOperation } from './operations.ts'
import { eventStream } from './sse.ts'

export const GRAPHQL_PATH = '/graphql'

export interface GraphHttpDeps extends Pick<ApiDeps, 'authenticate'> {
  open: OpenOperation
  sessions: LiveSessions
}

const JSON_TYPE = 'application/json'
const GRAPHQL_TYPE = 'application/graphql-response+json'
const EVENT_STREAM = 'text/event-stream'

/**
 * GraphQL over HTTP. POST takes JSON (so a browser asks first), GET takes queries only; `Accept: text/event-stream` streams
 * (graphql-sse, distinct connections). What is refused before an operation begins answers its status; then nothing happened.
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

async function answerGraphql({ authenticate, open, sessions }: GraphHttpDeps, c: Context<ApiEnv>): Promise<Response> {
  c.set('route', GRAPHQL_PATH)
  const requestId = c.get('requestId')
  const token = bearer(c.req.header('authorization'))
  const principal = await authenticate(token, 'http')
  if (principal === undefined) return problemResponse(refuse('unauthenticated'), requestId)
  const { userId, organizationId, role, sessionId, roomId } = principal
  const actor: Actor = { userId, organizationId, role, sessionId, roomId, requestId }
  const payload = c.req.method === 'GET' ? fromQuery(c) : await readJson(c)
  if (!payload.ok) return problemResponse(payload.error, requestId)

  const accept = c.req.header('accept') ?? ''
  if (accept.includes(EVENT_STREAM) && sessions.isFull(actor)) {
    return problemResponse(refuse('too_many_requests', 'This session has too many streams.'), requestId)
  }
  const stream = new AbortController()
  const opened = await open({
    actor,
    payload: payload.value,
    idempotencyKey: c.req.header('idempotency-key'),
    only: c.req.method === 'GET' ? ['query', 'subscription'] : undefined,
    signal: stream.signal,
  })
  switch (opened.kind) {
    case 'stream':
      // What ended while it was being opened is not heard of again.
      if ((await authenticate(token, 'http'))?.role !== role) {
        stream.abort()
        return problemResponse(refuse('unauthenticated'), requestId)
      }
      if (accept.includes(EVENT_STREAM)) return eventStream(opened.results, { actor, stream, sessions })
      stream.abort()
      return problemResponse(refuse('invalid_input', 'A subscription needs Accept: text/event-stream.'), requestId)
    case 'answer':
      return isStreamOnly(accept)
        ? eventStream([opened.body], { actor, stream, sessions })
        : json(opened.body, 200, accept)
    case 'refused':
      stream.abort()
      return json(`{"errors":${opened.errors}}`, opened.status, accept)
    default:
      return opened satisfies never
  }
}

/** urql accepts streams for everything it asks; only who takes nothing else is answered with one. */
function isStreamOnly(accept: string): boolean {
  return accept.includes(EVENT_STREAM) && !accept.includes('json') && !accept.includes('*/*')
}

function json(body: string, status: number, accept: string): Response {
  const type = accept.includes(GRAPHQL_TYPE) ? GRAPHQL_TYPE : JSON_TYPE
  return new Response(body, {
    status,
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' },
  })
}

function fromQuery(c: Context<ApiEnv>): Result<unknown, Refusal> {
  const { query, operationName, variables, extensions } = c.req.query()
  try {
    const parse = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text))
    return ok({ query, operationName, variables: parse(variables), extensions: parse(extensions) })
  } catch {
    return err(refuse('malformed_body', '`variables` and `extensions` of the URL are JSON.'))
  }
}
