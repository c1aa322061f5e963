import type { LookupAddress } from 'node:dns'
import { type IncomingMessage, type RequestOptions, Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { createGunzip } from 'node:zlib'
import type { FetchFailure } from '../../domain/calendars/integration.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { type GuardOptions, type Resolve, addressProblem, isAllowed, isPublicAddress } from './address-guard.ts'

export interface FetchOptions extends GuardOptions {
  resolve: Resolve
  headers?: Record<string, string>
  maxBytes: number
  /** Until the headers of each hop are there. */
  headersMs: number
  /** Everything together, redirects included. */
  totalMs: number
  signal: AbortSignal
}

export interface Fetched {
  status: number
  headers: IncomingMessage['headers']
  /** Of a 200 only; empty otherwise. Its buffer is its own and may be handed over. */
  body: Uint8Array<ArrayBuffer>
}

const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * GETs what a stranger told us to get. Every hop is checked as it is written, and again at the moment of connecting: the addresses
 * that were judged are the ones that are connected to, so a name that changes its mind gains nothing. Connections are
 * never shared or kept, proxies from the environment are not used, redirects are followed by hand.
 */
export async function guardedFetch(url: URL, options: FetchOptions): Promise<Result<Fetched, FetchFailure>> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.totalMs)])
  let at = url
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    if (addressProblem(at, options) !== undefined) return err('address_refused')
    const answer = await oneHop(at, { ...options, signal })
    if (!answer.ok) return answer
    const { status, headers } = answer.value
    if (!REDIRECTS.has(status) || headers.location === undefined) return answer
    const next = URL.parse(headers.location, at.href)
    if (next === null) return err('address_refused')
    // A secret address must not be asked for in the clear because a server said so.
    if (at.protocol === 'https:' && next.protocol === 'http:') return err('insecure_redirect')
    at = next
  }
  return err('too_many_redirects')
}

async function oneHop(url: URL, options: FetchOptions): Promise<Result<Fetched, FetchFailure>> {
  // `agent` instances of our own know nothing of proxies in the environment.
  const isTls = url.protocol === 'https:'
  const agent = isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false })
  const headersLimit = new AbortController()
  const timer = setTimeout(() => headersLimit.abort(), options.headersMs)
  const ask = isTls
    ? (options: RequestOptions) => httpsRequest(url, options)
    : (options: RequestOptions) => httpRequest(url, options)
  const request = ask({
    agent,
    lookup: guardedLookup(options.resolve, isAllowed(url, options.allow)),
    headers: { 'user-agent': 'Convoke', 'accept-encoding': 'gzip', ...options.headers },
    signal: AbortSignal.any([options.signal, headersLimit.signal]),
    maxHeaderSize: 32_768,
  })
  try {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request.on('response', resolve)
    request.on('error', reject)
    request.end()
    const response = await promise
    clearTimeout(timer)
    const head = { status: response.statusCode ?? 0, headers: response.headers }
    if (head.status !== 200) return ok({ ...head, body: new Uint8Array() })
    const body = await readBody(response, options)
    return body.ok ? ok({ ...head, body: body.value }) : body
  } catch (error) {
    return err(failureOf(error))
  } finally {
    clearTimeout(timer)
    request.destroy()
    agent.destroy()
  }
}

/** Bounds what came over the line and what it becomes: a small file may unpack into a large one. */
async function readBody(
  response: IncomingMessage,
  { maxBytes, signal }: FetchOptions,
): Promise<Result<Uint8Array<ArrayBuffer>, FetchFailure>> {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'x-gzip') return err('bad_encoding')
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) return err('too_large')
  const stream = encoding === 'identity' ? response : response.pipe(createGunzip())
  // A pipe carries data, not errors: a connection that ends early must not look like an end.
  if (stream !== response) response.on('error', (error) => stream.destroy(error))
  // Packed data that unpacks to nothing counts as well.
  let received = 0
  response.on('data', (chunk: Buffer) => {
    received += chunk.byteLength
    if (received > maxBytes) stream.destroy(new TooMuch())
  })
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.byteLength
      if (size > maxBytes) return err('too_large')
      chunks.push(chunk)
    }
  } catch (error) {
    if (signal.aborted) return err('timed_out')
    if (error instanceof TooMuch) return err('too_large')
    const code = String((error as { code?: unknown }).code)
    return err(code.startsWith('Z_') && code !== 'Z_BUF_ERROR' ? 'bad_encoding' : 'cut_off')
  }
  if (!response.complete) return err('cut_off')
  const body = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    body.set(chunk, offset)
    offset += chunk.byteLength
  }
  return ok(body)
}

/**
 * The `lookup` of a connection: resolves once, and hands on what it judged. One address that is not public condemns the name, since
 * which of them is taken is not ours to choose.
 */
export function guardedLookup(resolve: Resolve, isTrusted: boolean): LookupFunction {
  async function judged(hostname: string): Promise<LookupAddress[]> {
    const found = await resolve(hostname)
    if (found.length === 0) throw new LookupRefused('name_not_found')
    const isPublic = found.every(({ address }) => isPublicAddress(address))
    if (!isTrusted && !isPublic) throw new LookupRefused('address_refused')
    return found
  }

  const judge = callbackify(judged)
  return (hostname, options, callback) =>
    judge(hostname, (error, found) => {
      if (error !== null || found === undefined) callback(error, '', 0)
      else if (options.all) callback(null, found)
      else callback(null, found[0]!.address, found[0]!.family)
    })
}

class TooMuch extends Error {}

class LookupRefused extends Error {
  readonly failure: FetchFailure

  constructor(failure: FetchFailure) {
    super(failure)
    this.failure = failure
  }
}

function failureOf(error: unknown): FetchFailure {
  if (error instanceof LookupRefused) return error.failure
  const { name, code } = error as { name?: string; code?: unknown }
  if (name === 'AbortError' || name === 'TimeoutError') return 'timed_out'
  const word = String(code)
  if (/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/.test(word)) return 'name_not_found'
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/.test(word))
    return 'tls_failed'
  return word === 'ECONNRESET' ? 'cut_off' : 'unreachable'
}
