import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { z } from 'zod'
import type { Actor } from '../../domain/identity/actor.ts'
import { type FieldError, type Refusal, type RefusalCode, REFUSALS, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { type ApiEnv, bearer } from '../api-env.ts'
import type { ApiDeps } from '../deps.ts'
import { problemResponse } from '../problems.ts'
import type { Answer, Call, Route } from './route.ts'

const MAX_IDEMPOTENCY_KEY = 255
const IF_MATCH = /^(?:W\/)?"(\d{1,9})(?:\.\d{1,9})?"$/

/** One request through one route, in the contract's order of refusals: 401, 404, 403, 400/422, 428, 412, 409. */
export async function answerRoute(deps: ApiDeps, route: Route, c: Context<ApiEnv>): Promise<Response> {
  c.set('route', route.path)
  const requestId = c.get('requestId')
  const token = bearer(c.req.header('authorization'))
  const principal = route.public ? undefined : await deps.authenticate(token, 'http')
  if (!route.public && principal === undefined) return problemResponse(refuse('unauthenticated'), requestId)

  const actor = { ...principal, requestId } as Actor
  const params = route.params?.safeParse(c.req.param())
  if (params && !params.success) return problemResponse(refuse('not_found'), requestId)

  const parsed = await parseCall(route, c)
  if (!parsed.ok) {
    const hidden = await route.locate?.(actor, params?.data as never)
    return problemResponse(hidden ?? parsed.error, requestId)
  }
  const { body, query, ifVersion, key } = parsed.value
  if (key !== undefined) actor.idempotency = { key, operation: `${c.req.method} ${c.req.path}`, fingerprint: hash({ body, query, ifVersion }) }

  const client = { token, address: clientAddress(c, deps.trustedProxies), userAgent: c.req.header('user-agent')?.slice(0, 300) }
  const result = await route.handle({ actor, body, query, params: params?.data, ifVersion, client } as Call<never, never, never>)
  return result.ok ? render(c, result.value) : problemResponse(result.error, requestId)
}

interface Parsed {
  body: unknown
  query: unknown
  ifVersion: number | '*' | undefined
  key: string | undefined
}

async function parseCall(route: Route, c: Context<ApiEnv>): Promise<Result<Parsed, Refusal>> {
  const query = route.query?.safeParse(queryOf(c))
  if (query && !query.success) return err(invalid(query.error, '/query'))
  const body = await parseBody(route, c)
  if (!body.ok) return body
  const ifMatch = c.req.header('if-match')
  const ifVersion = route.method === 'GET' ? undefined : parseIfMatch(ifMatch)
  if (Number.isNaN(ifVersion)) return err(refuse('invalid_input', 'If-Match takes one ETag of this API, or *.'))
  const key = route.method === 'GET' || route.path.startsWith('/auth/') ? undefined : c.req.header('idempotency-key')
  if (key !== undefined && (key === '' || key.length > MAX_IDEMPOTENCY_KEY)) {
    return err(refuse('invalid_input', `An Idempotency-Key has 1 to ${MAX_IDEMPOTENCY_KEY} characters.`))
  }
  return ok({ body: body.value, query: query?.data, ifVersion, key })
}

async function parseBody(route: Route, c: Context<ApiEnv>): Promise<Result<unknown, Refusal>> {
  if (route.body === undefined) return ok(undefined)
  const text = await c.req.text()
  if (text !== '' && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(c.req.header('content-type') ?? '')) {
    return err(refuse('unsupported_media_type'))
  }
  let json: unknown
  try {
    json = text === '' ? {} : JSON.parse(text)
  } catch {
    return err(refuse('malformed_body'))
  }
  const parsed = route.body.safeParse(json)
  return parsed.success ? ok(parsed.data) : err(invalid(parsed.error, ''))
}

/** The first issue decides the code: an issue may name its own (`invalid_time`, `invalid_timezone`, …). */
export function invalid(error: z.ZodError, prefix: string): Refusal {
  const issues = error.issues.flatMap(flatten)
  const errors = issues.slice(0, 20).map(
    (issue): FieldError => ({ pointer: `${prefix}/${issue.path.map(String).join('/')}`, detail: issue.message }),
  )
  const named = issues.map((issue) => (issue as { params?: { code?: string } }).params?.code).find((code) => code !== undefined)
  const code = named !== undefined && named in REFUSALS ? (named as RefusalCode) : 'invalid_input'
  return refuse(code, errors.map((e) => `${e.pointer}: ${e.detail}`).join('; ').slice(0, 500), { errors })
}

/** A union's own issue says only "invalid input"; what its closest branch said is worth more. */
function flatten(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const branch = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? []
  return branch.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }))
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'custom' ? 0.5 : 0)))
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
    headers.set('cache-control', 'no-cache')
    if (c.req.method === 'GET' && c.req.header('if-none-match')?.split(',').some((tag) => tag.trim() === etag)) {
      return new Response(null, { status: 304, headers })
    }
  }
  if (answer.status === 204) return new Response(null, { status: 204, headers })
  headers.set('content-type', 'application/json')
  return new Response(JSON.stringify(answer.body), { status: answer.status, headers })
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
