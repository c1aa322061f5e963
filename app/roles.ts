import { once } from 'node:events'
import { type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { ApiEnv } from '../server/api-env.ts'
import { probes } from '../server/probes.ts'
import type { Context } from './context.ts'
import { listenProblem } from './embedded/start-problem.ts'
import type { Role } from './environment.ts'
import type { HttpApp } from './http-app.ts'

/** What a process does. Backs start first and stop last; fronts are what clients reach. */
interface RoleDefinition {
  side: 'front' | 'back'
  start: (context: Context, server: Server) => Promise<AsyncDisposable>
}

/** The program of a role is loaded when it starts: a node of one role is ready the sooner. */
const ROLES: Record<Role, RoleDefinition> = {
  worker: { side: 'back', start: async (context) => (await import('./worker.ts')).openWorker(context) },
  realtime: {
    side: 'front',
    start: async (context, server) => (await import('./realtime.ts')).openRealtime(context, server),
  },
  // The API itself listens below: requests reach it through the one server of the process.
  api: { side: 'front', start: async () => new AsyncDisposableStack() },
}

export interface RunningRoles extends AsyncDisposable {
  port: number
}

/** A request that has begun gets this long to be answered when the process stops. */
const DRAIN_MS = 3_000
const DRAIN_STEP_MS = 25

/**
 * Starts roles on one HTTP server; resolves when it listens. Disposing first stops taking connections, then says goodbye to
 * sockets, then ends the backs.
 */
export async function startRoles(
  context: Context,
  { host, port }: { host: string; port: number },
): Promise<RunningRoles> {
  await using stack = new AsyncDisposableStack()
  const http = await openHttp(context)
  const server = createServer({ requestTimeout: 15_000, headersTimeout: 10_000 }, requestListener(http))
  const inFlight = countRequests(server)
  for (const side of ['back', 'front'] as const) {
    for (const role of context.config.roles.filter((name) => ROLES[name].side === side)) {
      stack.use(await ROLES[role].start(context, server))
      context.log.info({ event: 'role.started', role })
    }
  }
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw listenProblem(error, host, port) ?? error
  }
  stack.defer(() => stopListening(server, inFlight))
  // Before that: streams are requests that never end by themselves.
  stack.defer(() => http.endStreams())
  const running = stack.move()
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

async function openHttp(context: Context): Promise<HttpApp> {
  const { roles } = context.config
  if (roles.includes('api')) return (await import('./http-api.ts')).openHttpApi(context)
  if (roles.includes('realtime')) return (await import('./live-api.ts')).openLiveApi(context)
  return { app: new Hono<ApiEnv>().route('/', probes({ ...context, ...context.config })), endStreams: () => {} }
}

function requestListener({ app }: HttpApp): RequestListener {
  // Errors become answers inside; the process is never ended by a client's broken connection.
  const listen = getRequestListener(app.fetch)
  return (request, response) => void listen(request, response)
}

/** Takes no new connection, closes idle ones, lets requests that have begun be answered. */
async function stopListening(server: Server, inFlight: () => number): Promise<void> {
  server.close()
  const limit = AbortSignal.timeout(DRAIN_MS)
  do {
    server.closeIdleConnections()
    if (inFlight() === 0) break
    await delay(DRAIN_STEP_MS)
  } while (!limit.aborted)
  server.closeAllConnections()
}

/** How many requests are being answered. Sockets are connections as well, but the gateway's to close. */
function countRequests(server: Server): () => number {
  let open = 0
  server.on('request', (_request, response) => {
    open += 1
    response.once('close', () => (open -= 1))
  })
  return () => open
}
