import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { getConnInfo } from '@hono/node-server/conninfo'
import { z } from 'zod'
import { currentSpan } from '../../db/tracing.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Principal } from '../../domain/identity/ports.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { type ApiEnv, bearer } from '../api-env.ts'
import type { ApiDeps } from '../deps.ts'
import { ON_BEHALF_OF, actingFor } from '../on-behalf-of.ts'
import { problemResponse } from '../problems.ts'
import type { Quota } from '../rate-limit.ts'
import type { RateLimits } from '../rate-limits.ts'
import { readJson } from './body.ts'
import type { Answer, Call, Route } from './route.ts'
import { invalid, wordIssue } from './wording.ts'

const MAX_IDEMPOTENCY_KEY = 255
/** An operation that takes no query refuses one: a parameter ignored may be the one that mattered. */
const NO_QUERY = z.strictObject({})
const IF_MATCH = /^(?:W\/)?"(\d{1,9})(?:\.\d{1,9})?"$/

/**
 * One request through one route, in the contract's order of refusals: 401, 404, 403, 400/422, 428, 412, 409. Who asks too
 * much hears 429 as soon as that is known.
 */
export async function answerRoute(deps: ApiDeps, route: Route, c: Context<ApiEnv>): Promise<Response> {
  c.set('route', route.path)
  const requestId = c.get('requestId')
  const token = bearer(c.req.header('authorization'))
  const address = clientAddress(c, deps.trustedProxies)
  const asked = deps.limits?.request(address)
  if (isOver(asked)) return limited(tooMany(asked, requestId), asked)
  const principal = route.public ? undefined : await deps.authenticate(token, 'http')
  if (!route.public && principal === undefined) return problemResponse(refuse('unauthenticated'), requestId)

  const quota = (principal && deps.limits && (await takeOf(deps.limits, route, principal.userId))) ?? asked
  if (isOver(quota)) return limited(tooMany(quota, requestId), quota)
  return limited(await answerActor(deps, route, c, { token, address, principal }), quota)
}

/** By whom and from where. */
interface Caller {
  token: string | undefined
  address: string
  principal: Principal | undefined
}

async function answerActor(
  deps: ApiDeps,
  route: Route,
  c: Context<ApiEnv>,
  { token, address, principal }: Caller,
): Promise<Response> {
  const requestId = c.get('requestId')
  // Whatever it names: a panel is told the same of all of them.
  if (principal?.role === 'panel' && !route.panels) return problemResponse(refuse('forbidden'), requestId)
  const acting = await actingIn(deps, route, c, principal)
  if (!acting.ok) return problemResponse(acting.error, requestId)
  const actor = { ...acting.value, requestId, trace: currentSpan()?.traceparent } as Actor
  const params = route.params?.safeParse(c.req.param())
  if (params && !params.success) return problemResponse(refuse('not_found'), requestId)

  const parsed = await parseCall(route, c)
  if (!parsed.ok) {
    const hidden = await route.locate?.(actor, params?.data as never)
    return problemResponse(hidden ?? parsed.error, requestId)
  }
  const { body, query, ifVersion, key } = parsed.value
  if (route.attempts !== undefined && deps.limits !== undefined) {
    const account = route.attempts.account?.(body as never) ?? ''
    const quota = await deps.limits.attempt(route.attempts.kind, address, account)
    if (isOver(quota)) return limited(tooMany(quota, requestId), quota)
  }
  if (key !== undefined)
    actor.idempotency = {
      key,
      operation: `${c.req.method} ${c.req.path}`,
      // The same key in another name is another request.
      fingerprint: hash({ body, query, ifVersion, ...(actor.delegateId !== undefined && { for: actor.userId }) }),
    }

  const client = {
    token,
    address,
    userAgent: c.req.header('user-agent')?.slice(0, 300),
  }
  const result = await route.handle({ actor, body, query, params: params?.data, ifVersion, client } as Call<
    never,
    never,
    never
  >)
  return result.ok ? render(c, result.value) : problemResponse(result.error, requestId)
}

/** Nobody signs in, out or up for another; on routes without a token there is nobody to act. */
async function actingIn(deps: ApiDeps, route: Route, c: Context<ApiEnv>, principal: Principal | undefined) {
  if (principal === undefined) return ok(undefined)
  const header = c.req.header(ON_BEHALF_OF)
  if (header !== undefined && route.path.startsWith('/auth/')) {
    return err(refuse('forbidden', 'Nobody acts for another here.'))
  }
  return actingFor(deps.pool, principal, header)
}

function takeOf(limits: RateLimits, route: Route, userId: string): Quota | Promise<Quota> {
  return route.method === 'GET' ? limits.read(userId) : limits.write(userId)
}

function isOver(quota: Quota | undefined): quota is Quota {
  return quota?.retryAfterSeconds !== undefined
}

function tooMany({ retryAfterSeconds = 1 }: Quota, requestId: string): Response {
  return problemResponse(refuse('too_many_requests', undefined, { retryAfterSeconds }), requestId)
}

/** The answer with what is left, unless it says already what ran out. */
function limited(answer: Response, quota: Quota | undefined): Response {
  if (quota === undefined || answer.headers.has('ratelimit-limit')) return answer
  answer.headers.set('ratelimit-limit', String(quota.limit))
  answer.headers.set('ratelimit-remaining', String(quota.remaining))
  answer.headers.set('ratelimit-reset', String(quota.resetSeconds))
  return answer
}

interface Parsed {
  body: unknown
  query: unknown
  ifVersion: number | '*' | undefined
  key: string | undefined
}

async function parseCall(route: Route, c: Context<ApiEnv>): Promise<Result<Parsed, Refusal>> {
  const query = (route.query ?? NO_QUERY).safeParse(queryOf(c), { error: wordIssue })
  if (!query.success) return err(invalid(query.error, '/query'))
  const body = await parseBody(route, c)
  if (!body.ok) return body
  const ifMatch = c.req.header('if-match')
  const ifVersion = route.method === 'GET' ? undefined : parseIfMatch(ifMatch)
  if (Number.isNaN(ifVersion)) return err(refuse('invalid_input', 'If-Match takes one ETag of this API, or *.'))
  const key = route.method === 'GET' || route.path.startsWith('/auth/') ? undefined : c.req.header('idempotency-key')
  if (key !== undefined && (key === '' || key.length > MAX_IDEMPOTENCY_KEY)) {
    return err(refuse('invalid_input', `An Idempotency-Key has 1 to ${MAX_IDEMPOTENCY_KEY} characters.`))
  }
  return ok({ body: body.value, query: query.data, ifVersion, key })
}

async function parseBody(route: Route, c: Context<ApiEnv>): Promise<Result<unknown, Refusal>> {
  if (route.body === undefined) return ok(undefined)
  const json = await readJson(c)
  if (!json.ok) return json
  const parsed = route.body.safeParse(json.value, { error: wordIssue })
  return parsed.success ? ok(parsed.data) : err(invalid(parsed.error, ''))
}

function queryOf(c: Context<ApiEnv>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(c.req.queries()).map(([k, v]) => [k, v.length === 1 ? (v[0] as string) : v]))
}

/** NaN: not an ETag. Only the version part is compared. */
function parseIfMatch(header: string | undefined): number | '*' | undefined {
  if (header === undefined) return undefined
  if (header.trim() === '*') return '*'
  const match = IF_MATCH.exec(header.trim())
  return match === null ? NaN : Number(match[1])
}

function render(c: Context<ApiEnv>, answer: Answer): Response {
  const headers = new Headers({ 'cache-control': 'no-store' })
  if (answer.location !== undefined) headers.set('location', answer.location)
  if (answer.etag !== undefined) {
    const etag = `"${answer.etag}"`
    headers.set('etag', etag)
    headers.set('cache-control', 'private, no-cache')
    if (c.req.method === 'GET' && isKnown(c.req.header('if-none-match'), etag)) {
      return new Response(null, { status: 304, headers })
    }
  }
  if (answer.status === 204) return new Response(null, { status: 204, headers })
  if (answer.content !== undefined) {
    headers.set('content-type', answer.content.type)
    return new Response(answer.content.text, { status: answer.status, headers })
  }
  headers.set('content-type', 'application/json')
  return new Response(JSON.stringify(answer.body), { status: answer.status, headers })
}

/** Weak comparison (RFC 9110, 13.1.2): a proxy that compresses weakens the tag on its way. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true
}

function hash(request: object): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url')
}

/** Who asks, past the proxies we were told to believe; nobody else's X-Forwarded-For counts. */
function clientAddress(c: Context<ApiEnv>, trustedProxies: number): string {
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim())
  const told = trustedProxies === 0 ? undefined : forwarded.at(-trustedProxies)
  return told || (getConnInfo(c).remote.address ?? 'unknown')
}
