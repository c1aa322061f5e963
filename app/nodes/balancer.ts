import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { listenProblem } from '../embedded/start-problem.ts'

/** One process behind the balancer, on a port of 127.0.0.1. */
export interface Target {
  id: string
  role: 'api' | 'realtime'
  port: number
}

export interface BalancerOptions {
  host: string
  port: number
  /** Asked at every request: the processes that are there right now. */
  targets: () => Target[]
  newId: () => string
  /** Requests that are answered here; what it returns false for goes on to a process. */
  ownAnswer?: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined
  /** A socket may name its process (`?node=<id>`) and then gets that one or 503: to show what two of them do at once. */
  pins?: boolean
}

export interface Balancer extends AsyncDisposable {
  port: number
  /** How many sockets pass through to that process right now. */
  socketsOf: (targetId: string) => number
}

/**
 * A small balancer for one machine: sockets and their paths go to realtime processes, the rest to api processes, in
 * turn. A process that cannot be reached is passed over for a moment. What never reached a process is tried on the
 * next one; what did is never sent twice, because nobody here can know what it had done.
 */
export async function openBalancer(options: BalancerOptions): Promise<Balancer> {
  const { host, port, targets, newId, ownAnswer, pins = false } = options
  const ring = createRing(targets)
  const agent = new Agent({ keepAlive: true })
  const upgraded = new Set<Duplex>()
  const passing = new Map<string, number>()
  const server = createServer((req, res) => {
    if (!ownAnswer?.(req, res)) forward(req, res, ring, agent, newId)
  })
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    const wanted = pins ? nodeWanted(req) : undefined
    const left = ring.inTurn('realtime').filter((target) => wanted === undefined || target.id === wanted)
    forwardUpgrade(req, socket as Socket, head, { left, refused: ring.refused, passing })
  })
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw listenProblem(error, host, port) ?? error
  }
  return {
    port: (server.address() as AddressInfo).port,
    socketsOf: (targetId) => passing.get(targetId) ?? 0,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
      agent.destroy()
      await closed
    },
  }
}

/** How long a process that refused a connection is passed over. */
const PASSED_OVER_MS = 300

interface Ring {
  /** Every process of that role, the one whose turn it is first, those that just refused last. */
  inTurn: (role: Target['role']) => Target[]
  refused: (target: Target) => void
}

function createRing(targets: () => Target[]): Ring {
  const turns = { api: 0, realtime: 0 }
  // Bounded by the ports of living and recently dead processes: a restarted one comes with a new port.
  const refusedAt = new Map<string, number>()
  const isOut = (target: Target) => (refusedAt.get(keyOf(target)) ?? -Infinity) + PASSED_OVER_MS > performance.now()
  return {
    inTurn(role) {
      const all = targets().filter((target) => target.role === role)
      const first = all.length > 0 ? turns[role]++ % all.length : 0
      const turned = [...all.slice(first), ...all.slice(0, first)]
      return [...turned.filter((target) => !isOut(target)), ...turned.filter(isOut)]
    },
    refused(target) {
      for (const [key, at] of refusedAt) if (at + PASSED_OVER_MS < performance.now()) refusedAt.delete(key)
      refusedAt.set(keyOf(target), performance.now())
    },
  }
}

function keyOf(target: Target): string {
  return `${target.id}:${target.port}`
}

function roleOf(req: IncomingMessage): Target['role'] {
  if (/^\/(socket\.io|yjs)(\/|\?|$)/.test(req.url ?? '')) return 'realtime'
  // Subscriptions are where the news is.
  const streams = req.headers.accept?.includes('text/event-stream') ?? false
  return streams && /^\/graphql(\?|$)/.test(req.url ?? '') ? 'realtime' : 'api'
}

function nodeWanted(req: IncomingMessage): string | undefined {
  return new URLSearchParams(req.url?.split('?', 2)[1]).get('node') ?? undefined
}

function forward(req: IncomingMessage, res: ServerResponse, ring: Ring, agent: Agent, newId: () => string): void {
  // On a kept connection a process that is just leaving can swallow a request; only these may be sent again.
  const hasBody = Boolean(req.headers['transfer-encoding'] ?? req.headers['content-length'])
  const repeatable = !hasBody && (req.method === 'GET' || req.method === 'HEAD')
  const left = ring.inTurn(roleOf(req))
  tryNext()

  function tryNext(): void {
    const target = left.shift()
    if (!target) return answerUnavailable(res, newId())
    const options: RequestOptions = { host: '127.0.0.1', port: target.port, method: req.method, path: req.url }
    const upstream = request({ ...options, headers: forwardedHeaders(req), agent: repeatable ? agent : false })
    let reached = false
    // The body waits until somebody is there to take it: a second try needs it whole.
    upstream.once('socket', (socket) => {
      if (!socket.connecting) return send()
      socket.once('connect', send)
    })
    function send(): void {
      reached = true
      req.pipe(upstream)
    }
    upstream.once('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutHops(answer.rawHeaders))
      // A stream of events may have nothing to say for long.
      res.flushHeaders()
      answer.pipe(res)
      // Cut short must look cut short, not complete.
      answer.once('close', () => answer.complete || res.destroy())
    })
    upstream.once('error', () => {
      if (res.headersSent || res.destroyed) return void res.destroy()
      if (!reached) ring.refused(target)
      if (!reached || (repeatable && upstream.reusedSocket)) {
        req.unpipe(upstream)
        return tryNext()
      }
      answerBadGateway(res, newId())
    })
    res.once('close', () => upstream.destroy())
  }
}

interface Upgrade {
  /** Who is tried, in this order. */
  left: Target[]
  refused: Ring['refused']
  /** Open sockets by process; as bounded as they are. */
  passing: Map<string, number>
}

function forwardUpgrade(req: IncomingMessage, client: Socket, head: Buffer, upgrade: Upgrade): void {
  const { left, refused, passing } = upgrade
  const count = (id: string, by: number) => passing.set(id, (passing.get(id) ?? 0) + by)
  client.on('error', () => client.destroy())
  client.setNoDelay(true)
  tryNext()

  function tryNext(): void {
    const target = left.shift()
    if (!target)
      return void client.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\n')
    const upstream = connect({ host: '127.0.0.1', port: target.port, noDelay: true })
    let reached = false
    upstream.once('connect', () => {
      reached = true
      count(target.id, 1)
      upstream.once('close', () => count(target.id, -1))
      upstream.write(`${req.method} ${req.url} HTTP/1.1\r\n${headLines(forwardedHeaders(req, true))}\r\n`)
      if (head.length > 0) upstream.write(head)
      upstream.pipe(client)
      client.pipe(upstream)
    })
    upstream.on('error', () => {
      if (reached) return
      refused(target)
      if (!client.destroyed) tryNext()
    })
    // A socket that is open one way only serves nobody. Last words are still delivered.
    upstream.once('close', () => reached && hangUp(client))
    client.once('end', () => hangUp(client))
    client.once('close', () => hangUp(upstream))
  }
}

/** A peer that does not take the rest of what was written in this time does not get it. */
const LAST_WORDS_MS = 5_000

function hangUp(socket: Socket): void {
  socket.setTimeout(LAST_WORDS_MS, () => socket.destroy())
  socket.destroySoon()
}

/** RFC 9110 section 7.6.1, and `Expect`, which we have answered ourselves. */
const HOPS = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade', 'expect'])

function forwardedHeaders(req: IncomingMessage, upgrade = false): string[] {
  const kept = upgrade ? req.rawHeaders : withoutHops(req.rawHeaders)
  const headers = pairs(kept).filter(([name]) => name.toLowerCase() !== 'x-forwarded-for')
  const from = [req.headers['x-forwarded-for'], req.socket.remoteAddress].filter(Boolean).join(', ')
  headers.push(['X-Forwarded-For', from])
  if (!req.headers['x-forwarded-host']) headers.push(['X-Forwarded-Host', req.headers.host ?? ''])
  if (!req.headers['x-forwarded-proto']) headers.push(['X-Forwarded-Proto', 'http'])
  // A body of unknown length stays one.
  if (!upgrade && req.headers['transfer-encoding']) headers.push(['Transfer-Encoding', 'chunked'])
  return headers.flat()
}

function withoutHops(raw: string[]): string[] {
  return pairs(raw)
    .filter(([name]) => !HOPS.has(name.toLowerCase()))
    .flat()
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''])
}

function headLines(flat: string[]): string {
  return pairs(flat)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

function answerUnavailable(res: ServerResponse, requestId: string): void {
  answer(res, 503, 'unavailable', 'No process is there to answer; try again in a moment.', requestId)
}

function answerBadGateway(res: ServerResponse, requestId: string): void {
  answer(res, 502, 'node_lost', 'The process that was answering is gone; whether it had acted is not known.', requestId)
}

function answer(res: ServerResponse, status: number, code: string, detail: string, requestId: string): void {
  const problem = { type: 'about:blank', title: status === 503 ? 'Service Unavailable' : 'Bad Gateway', status, code }
  const headers = { 'Content-Type': 'application/problem+json', 'X-Request-Id': requestId, 'Retry-After': '1' }
  // The rest of an unread body cannot be told from the next request.
  res.writeHead(status, { ...headers, Connection: 'close' })
  res.end(JSON.stringify({ ...problem, detail, requestId }))
}
