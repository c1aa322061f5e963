import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { RoleChange } from '../db/identity/revocations.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Principal } from '../domain/identity/ports.ts'
import type { RealtimeDeps } from './deps.ts'
import { type Door, refuseUpgrade } from './doors.ts'
import { GraphqlConnection } from './graphql-connection.ts'
import { RoleChanges } from './live-rights.ts'
import { gauge } from './metrics.ts'
import { RESTART, RIGHTS_OVER, SESSION_OVER } from './protocol.ts'
import { EndedSessions } from './sessions.ts'

export interface GraphqlCall {
  actor: Actor
  /** What the client sent, as JSON. */
  payload: unknown
  /** Which kinds of operation are taken, as far as not all. */
  only?: readonly ('query' | 'mutation' | 'subscription')[] | undefined
  signal: AbortSignal
}

/** What is to be written, as JSON that is encoded already. */
export type GraphqlOpened =
  | { kind: 'refused'; errors: string }
  | { kind: 'answer'; body: string }
  | { kind: 'stream'; results: AsyncIterableIterator<string> }

export interface GraphqlDoorDeps extends Pick<
  RealtimeDeps,
  'authenticate' | 'onRevoked' | 'onRoleChanged' | 'log' | 'metrics' | 'newId'
> {
  /** Begins one operation. */
  open: (call: GraphqlCall) => Promise<GraphqlOpened>
}

const PATH = '/graphql'
const SUBPROTOCOL = 'graphql-transport-ws'
/** A query is at most 32 KiB; the rest is for what people write. */
const MAX_MESSAGE_BYTES = 131_072
/** A connection that does not say who it is by then is closed. */
const INIT_MS = 5_000
const JUDGE_MS = 1_000
/** A peer that answers no ping between two of them is gone. */
const PING_MS = 15_000
const DRAIN_MS = 5_000

/** Close codes of the protocol. */
const INIT_TIMEOUT = 4408
const SUBPROTOCOL_NOT_ACCEPTABLE = 4406

/**
 * GraphQL over WebSocket (graphql-transport-ws): the token comes in `connectionParams.token` or as an Authorization header,
 * never in the URL. A connection lives as long as its session: 4401 ends it for good; when the role changes it ends with 4403
 * and the stock client comes back with the rights it has then. Disposing says 1012 to everybody.
 */
export function openGraphqlDoor(deps: GraphqlDoorDeps): Door {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const connections = new Map<WebSocket, GraphqlConnection>()
  const sessions = new EndedSessions()
  const roles = new RoleChanges()
  const silent = new WeakSet<WebSocket>()
  let draining = false
  gauge(deps.metrics, 'convoke_graphql_sockets', 'GraphQL connections', () => connections.size)

  const forgetRevoked = deps.onRevoked((sessionId) => {
    // Kept for a while: a connection may just be on its way in.
    sessions.add(sessionId)
    endThose((principal) => principal.sessionId === sessionId, SESSION_OVER, 'Your session has ended. Sign in again.')
  })
  const forgetRoles = deps.onRoleChanged((change) => {
    roles.add(change)
    endThose((principal) => isOf(principal, change), RIGHTS_OVER, 'Your rights have changed. Connect again.')
  })
  const judging = setInterval(() => {
    for (const connection of connections.values()) connection.judge(performance.now())
  }, JUDGE_MS)
  const pinging = setInterval(ping, PING_MS)

  return {
    path: PATH,
    upgrade(request, socket, head) {
      if (draining) refuseUpgrade(socket, 503)
      else if (!/^\/graphql(\?|$)/.test(request.url ?? '')) refuseUpgrade(socket, 404)
      else server.handleUpgrade(request, socket as Duplex, head, (webSocket) => enter(webSocket, request))
    },
    async [Symbol.asyncDispose]() {
      draining = true
      forgetRevoked()
      forgetRoles()
      clearInterval(judging)
      clearInterval(pinging)
      for (const connection of connections.values()) connection.close(RESTART, 'This node stops.')
      const deadline = performance.now() + DRAIN_MS
      while (connections.size > 0 && performance.now() < deadline) await sleep(20)
      for (const socket of connections.keys()) socket.terminate()
      server.close()
    },
  }

  function enter(socket: WebSocket, request: IncomingMessage): void {
    const started = performance.now()
    let mark = 0
    const connection: GraphqlConnection = new GraphqlConnection(
      deps,
      socket,
      {
        async admit(token) {
          mark = roles.mark
          const full = await deps.authenticate(token, 'http')
          // A socket ticket may have stood in a URL: it reads and listens, commands need the access token.
          const principal = full ?? (await deps.authenticate(token, 'socket'))
          return principal && { principal, mayWrite: full !== undefined }
        },
        onAdmitted() {
          const principal = connection.principal as Principal
          const { userId, organizationId, sessionId } = principal
          deps.log.info({ event: 'graphql.opened', userId, organizationId, sessionId })
          if (sessions.has(sessionId)) connection.close(SESSION_OVER, 'Your session has ended. Sign in again.')
          else if (roles.since(mark, principal) !== undefined)
            connection.close(RIGHTS_OVER, 'Your rights have changed.')
        },
      },
      bearerOf(request),
    )
    connections.set(socket, connection)
    const waiting = setTimeout(() => {
      if (!connection.hasInitialised) connection.close(INIT_TIMEOUT, 'Connection initialisation timeout')
    }, INIT_MS)
    socket.on('error', () => {})
    socket.on('pong', () => silent.delete(socket))
    socket.on('message', (data: RawData) => void connection.take(textOf(data)))
    socket.on('close', (code) => {
      clearTimeout(waiting)
      connections.delete(socket)
      connection.gone()
      const ms = Math.round(performance.now() - started)
      deps.log.info({ event: 'graphql.closed', sessionId: connection.principal?.sessionId, code, ms })
    })
    if (socket.protocol !== SUBPROTOCOL) connection.close(SUBPROTOCOL_NOT_ACCEPTABLE, 'Subprotocol not acceptable')
    else if (draining) connection.close(RESTART, 'This node stops.')
  }

  function endThose(concerns: (principal: Principal) => boolean, code: number, reason: string): void {
    for (const connection of connections.values()) {
      if (connection.principal !== undefined && concerns(connection.principal)) connection.close(code, reason)
    }
  }

  function ping(): void {
    for (const socket of connections.keys()) {
      if (silent.has(socket)) socket.terminate()
      else {
        silent.add(socket)
        socket.ping()
      }
    }
  }
}

function isOf(principal: Principal, { organizationId, userId }: RoleChange): boolean {
  return principal.organizationId === organizationId && principal.userId === userId
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  const { authorization } = headers
  return authorization?.startsWith('Bearer ') ? authorization.slice(7).trim() : undefined
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString()
}
