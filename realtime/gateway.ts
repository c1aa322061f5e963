import { type IncomingMessage, createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, type Socket } from 'socket.io'
import type { RoleChange } from '../db/identity/revocations.ts'
import { isUnavailable } from '../db/pool.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Principal } from '../domain/identity/ports.ts'
import { refuse } from '../domain/refusals.ts'
import { answerCommand } from './commands.ts'
import { Connection } from './connection.ts'
import { coordinate } from './coordination.ts'
import type { RealtimeDeps } from './deps.ts'
import { type Door, refuseUpgrade } from './doors.ts'
import { gauge } from './metrics.ts'
import type { Newsroom } from './newsroom.ts'
import { socketProblem } from './problems.ts'
import { RoleChanges } from './live-rights.ts'
import {
  HANDSHAKE,
  NEWS,
  type NewsItem,
  PROTOCOL_VERSION,
  RESTART,
  RIGHTS_OVER,
  SESSION_OVER,
  SOCKET_PATH,
} from './protocol.ts'
import { EndedSessions } from './sessions.ts'

const MAX_MESSAGE_BYTES = 65_536
/** A connection that does not say who it is by then is closed. */
const HANDSHAKE_MS = 5_000
/** Sockets that come while the store is away are let in by and by; their watches are refused as `unavailable`. */
const STORE_PATIENCE_MS = 3_000
const JUDGE_MS = 1_000
const DRAIN_MS = 5_000
/** Sockets of a node that stops come back spread over this window. */
const RECONNECT_WINDOW_MS = 2_000

const SESSION_ENDED = 'session.ended'

export interface Gateway extends Door {
  readonly sockets: number
}

/**
 * The Socket.IO door: takes the upgrades of its path, lets in who has a session, keeps a socket as
 * long as that session lives. Resolves when it can answer joins, or the store stays away. Disposing refuses newcomers,
 * says `bye` to everybody and closes, within 5 s.
 */
export async function openGateway(deps: RealtimeDeps, newsroom: Newsroom): Promise<Gateway> {
  const connections = new Map<string, Connection>()
  const sessions = new EndedSessions()
  const roles = new RoleChanges()
  const transports = new Set<Duplex>()
  let draining = false

  const io = new Server({
    path: SOCKET_PATH,
    transports: ['websocket'],
    serveClient: false,
    destroyUpgrade: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    connectTimeout: HANDSHAKE_MS,
  })
  // An engine hangs itself before all listeners of its server. It gets one that never listens; ours stays as it is.
  const door = createServer()
  io.attach(door)
  const coordination = coordinate(io, deps.redisUrl, deps.log)
  const sendToAll = (socketIds: string[], items: readonly NewsItem[]) => io.local.to(socketIds).emit(NEWS, items)
  gauge(deps.metrics, 'convoke_sockets', 'Authenticated sockets', () => connections.size)

  io.engine.on('connection', (raw: { request: unknown }) => {
    // The request would live as long as the socket.
    raw.request = null
  })
  io.use((socket, next) => void admit(socket, next))
  io.on('connection', open)
  io.on(SESSION_ENDED, endSession)
  const forgetRevoked = deps.onRevoked((sessionId) => {
    endSession(sessionId)
    // Each node hears of it from the store; this is quicker.
    io.serverSideEmit(SESSION_ENDED, sessionId)
  })
  const forgetRoles = deps.onRoleChanged((change) => {
    // Kept for a while: a socket may just be on its way in.
    roles.add(change)
    changeRole(change)
  })
  const judging = setInterval(() => {
    const now = performance.now()
    for (const connection of connections.values()) connection.judge(now)
    newsroom.refresh()
  }, JUDGE_MS)
  await Promise.race([newsroom.ready, sleep(STORE_PATIENCE_MS, undefined, { ref: false })])
  deps.log.info({ event: 'gateway.opened', nodeId: deps.nodeId, protocol: PROTOCOL_VERSION })

  return {
    path: SOCKET_PATH,
    upgrade,
    get sockets() {
      return connections.size
    },
    async [Symbol.asyncDispose]() {
      draining = true
      forgetRevoked()
      forgetRoles()
      clearInterval(judging)
      await drain()
      await coordination[Symbol.asyncDispose]()
      io.engine.close()
    },
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (draining) {
      refuseUpgrade(socket, 503)
      return
    }
    transports.add(socket)
    socket.once('close', () => transports.delete(socket))
    door.emit('upgrade', request, socket, head)
  }

  async function admit(socket: Socket, next: (error?: Error) => void): Promise<void> {
    try {
      const auth = HANDSHAKE.safeParse(socket.handshake.auth)
      socket.data.mark = roles.mark
      const principal = auth.success ? await deps.authenticate(auth.data.token, 'socket') : undefined
      if (principal === undefined || sessions.has(principal.sessionId)) {
        const problem = socketProblem(refuse('unauthenticated'), deps.newId())
        next(Object.assign(new Error(problem.code), { data: problem }))
        return
      }
      socket.data.principal = principal
      next()
    } catch (error) {
      // A refused handshake is final for the stock client; a broken transport is not, and this will pass.
      if (!isUnavailable(error)) deps.log.error({ event: 'socket.handshake_failed', err: error })
      socket.conn.close()
    }
  }

  function open(socket: Socket): void {
    const { userId, organizationId, role, sessionId, roomId } = socket.data.principal as Principal
    const actor: Actor = { userId, organizationId, role, sessionId, roomId, requestId: socket.id }
    const connection = new Connection(socket, actor, sendToAll, () => {
      if (newsroom.hasStale) newsroom.refresh()
    })
    const opened = performance.now()
    connections.set(socket.id, connection)
    newsroom.enter(connection)
    deps.log.info({ event: 'socket.opened', socketId: socket.id, sessionId, userId, organizationId })
    // A client may name an event 'error', and an emitter nobody listens to would throw it.
    socket.on('error', () => {})
    socket.onAny((name: unknown, ...args: unknown[]) => {
      void answerCommand({ deps, newsroom, connection, name, args })
    })
    socket.on('disconnect', (reason) => {
      connections.delete(socket.id)
      newsroom.leave(connection)
      const ms = Math.round(performance.now() - opened)
      deps.log.info({ event: 'socket.closed', socketId: socket.id, reason, code: connection.byeCode, ms })
    })
    if (draining) farewell(connection)
    else if (sessions.has(sessionId)) endSession(sessionId)
    const changed = roles.since(socket.data.mark as number, actor)
    if (changed !== undefined) changeRole(changed)
  }

  /** Every watch and command of his is judged by the new role from here on. */
  function changeRole({ organizationId, userId, role }: RoleChange): void {
    for (const connection of connections.values()) {
      const { actor } = connection
      if (actor.userId !== userId || actor.organizationId !== organizationId || connection.isClosing) continue
      if (role === undefined) {
        newsroom.leave(connection)
        connection.bye({ code: RIGHTS_OVER, reason: 'You do not belong to this organisation any more.' })
      } else if (role !== actor.role) {
        connection.become(role)
        newsroom.judgeAnew(connection)
      }
    }
  }

  function endSession(sessionId: string): void {
    // Kept for a while: a socket may just be on its way in.
    sessions.add(sessionId)
    for (const connection of connections.values()) {
      if (connection.actor.sessionId !== sessionId) continue
      newsroom.leave(connection)
      connection.bye({ code: SESSION_OVER, reason: 'Your session has ended. Sign in again.' })
    }
  }

  function farewell(connection: Connection): void {
    newsroom.leave(connection)
    const reconnectAfterMs = Math.round(Math.random() * RECONNECT_WINDOW_MS)
    connection.bye({ code: RESTART, reason: 'This node stops.', reconnectAfterMs })
  }

  async function drain(): Promise<void> {
    for (const connection of connections.values()) farewell(connection)
    const deadline = performance.now() + DRAIN_MS
    while (transports.size > 0 && performance.now() < deadline) {
      await sleep(20)
    }
    for (const transport of transports) transport.destroy()
  }
}
