import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ExecutionArgs, GraphQLError } from 'graphql'
import {
  CloseCode,
  type Context,
  type ServerOptions,
  type SubscribePayload,
  handleProtocols,
  makeServer,
} from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { RoleChange } from '../db/identity/revocations.ts'
import { isUnavailable } from '../db/pool.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Principal } from '../domain/identity/ports.ts'
import { type Refusal, refuse } from '../domain/refusals.ts'
import type { RealtimeDeps } from './deps.ts'
import { type Door, refuseUpgrade } from './doors.ts'
import { GraphqlPeer } from './graphql-peer.ts'
import { RoleChanges } from './live-rights.ts'
import { gauge } from './metrics.ts'
import { socketProblem } from './problems.ts'
import { RESTART, RIGHTS_OVER, SESSION_OVER } from './protocol.ts'
import { EndedSessions } from './sessions.ts'

export interface GraphqlCall {
  actor: Actor
  payload: SubscribePayload
  mayWrite: boolean
}

export interface GraphqlDoorDeps
  extends
    Pick<RealtimeDeps, 'authenticate' | 'onRevoked' | 'onRoleChanged' | 'log' | 'metrics' | 'newId'>,
    Pick<ServerOptions, 'execute' | 'subscribe'> {
  /** What is to be executed, or why nothing is. */
  begin: (call: GraphqlCall) => Promise<ExecutionArgs | readonly GraphQLError[]>
}

const PATH = '/graphql'
/** A query is at most 32 KiB; the rest is for what people write. */
const MAX_MESSAGE_BYTES = 131_072
/** A page has a handful of subscriptions, a wall of rooms some dozens. */
const MAX_OPERATIONS = 100
/** A connection that does not say who it is by then is closed. */
const INIT_MS = 5_000
const JUDGE_MS = 1_000
/** A peer that answers no ping between two of them is gone. */
const PING_MS = 15_000
const DRAIN_MS = 5_000

/** RFC 6455 registry: come again. */
const TRY_AGAIN = 1013

/**
 * GraphQL over WebSocket (graphql-transport-ws): the token comes in `connectionParams.token` or as an Authorization header,
 * never in the URL. A connection lives as long as its session: 4401 ends it for good; when the role changes it ends with 4403
 * and the stock client comes back with the rights it has then. Disposing says 1012 to everybody.
 */
export function openGraphqlDoor(deps: GraphqlDoorDeps): Door {
  const { begin, execute, subscribe, log, newId } = deps
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  })
  const server = makeServer<Record<string, unknown>, GraphqlPeer>({
    execute,
    subscribe,
    connectionInitWaitTimeout: INIT_MS,
    onConnect: admit,
    onSubscribe: open,
    // Who pings without end is not answered without end.
    onPing: ({ extra: peer }) => (peer.admits() ? undefined : peer.close(TRY_AGAIN, 'Too many messages.')),
  })
  const peers = new Map<WebSocket, GraphqlPeer>()
  const sessions = new EndedSessions()
  const roles = new RoleChanges()
  const silent = new WeakSet<WebSocket>()
  let draining = false
  gauge(deps.metrics, 'convoke_graphql_sockets', 'GraphQL connections', () => peers.size)

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
    for (const peer of peers.values()) peer.judge(performance.now())
  }, JUDGE_MS)
  const pinging = setInterval(ping, PING_MS)

  return {
    path: PATH,
    upgrade(request, socket, head) {
      if (draining) refuseUpgrade(socket, 503)
      else if (!/^\/graphql(\?|$)/.test(request.url ?? '')) refuseUpgrade(socket, 404)
      else sockets.handleUpgrade(request, socket, head, (webSocket) => enter(webSocket, request))
    },
    async [Symbol.asyncDispose]() {
      draining = true
      forgetRevoked()
      forgetRoles()
      clearInterval(judging)
      clearInterval(pinging)
      for (const peer of peers.values()) peer.close(RESTART, 'This node stops.')
      const deadline = performance.now() + DRAIN_MS
      while (peers.size > 0 && performance.now() < deadline) await sleep(20)
      for (const socket of peers.keys()) socket.terminate()
      sockets.close()
    },
  }

  function enter(socket: WebSocket, request: IncomingMessage): void {
    const started = performance.now()
    const peer = new GraphqlPeer(socket, bearer(request.headers.authorization), (fault) => {
      log.error({ event: 'graphql.broken', err: fault })
      peer.close(CloseCode.InternalServerError, 'Internal server error')
    })
    peers.set(socket, peer)
    socket.on('error', () => {})
    socket.on('pong', () => silent.delete(socket))
    const left = server.opened(peer, peer)
    peer.leave = () => void left()
    socket.on('close', (code) => {
      peers.delete(socket)
      peer.leave()
      const ms = Math.round(performance.now() - started)
      log.info({ event: 'graphql.closed', sessionId: peer.who?.principal.sessionId, code, ms })
    })
    if (draining) peer.close(RESTART, 'This node stops.')
  }

  async function admit({ connectionParams, extra: peer }: Context<Record<string, unknown>, GraphqlPeer>) {
    const mark = roles.mark
    try {
      peer.who = await whoIs(tokenOf(connectionParams) ?? peer.headerToken)
    } catch (error) {
      if (!isUnavailable(error)) log.error({ event: 'graphql.handshake_failed', err: error })
      peer.close(TRY_AGAIN, 'The store is away.')
    }
    const principal = peer.who?.principal
    if (principal === undefined) peer.close(CloseCode.Unauthorized, 'Sign in first.')
    else if (sessions.has(principal.sessionId)) peer.close(SESSION_OVER, 'Your session has ended. Sign in again.')
    else if (roles.since(mark, principal) !== undefined) peer.close(RIGHTS_OVER, 'Your rights have changed.')
    else {
      const { userId, organizationId, sessionId } = principal
      log.info({ event: 'graphql.opened', userId, organizationId, sessionId })
    }
    return principal !== undefined
  }

  async function whoIs(token: string | undefined): Promise<GraphqlPeer['who']> {
    const full = await deps.authenticate(token, 'http')
    // A socket ticket may have stood in a URL: it reads and listens, commands need the access token.
    const principal = full ?? (await deps.authenticate(token, 'socket'))
    return principal && { principal, mayWrite: full !== undefined }
  }

  async function open(
    { extra: peer, subscriptions }: Context<Record<string, unknown>, GraphqlPeer>,
    _id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const requestId = newId()
    const { principal, mayWrite } = peer.who as NonNullable<GraphqlPeer['who']>
    const { userId, organizationId, role, sessionId, roomId } = principal
    if (Object.keys(subscriptions).length > MAX_OPERATIONS) {
      return refused(refuse('too_large', `A connection has at most ${MAX_OPERATIONS} operations at once.`), requestId)
    }
    if (!peer.admits()) return refused(refuse('too_many_requests', undefined, { retryAfterSeconds: 1 }), requestId)
    try {
      return await begin({ actor: { userId, organizationId, role, sessionId, roomId, requestId }, payload, mayWrite })
    } catch (error) {
      log.error({ event: 'graphql.broken', requestId, err: error })
      return refused(refuse('internal'), requestId)
    }
  }

  function endThose(concerns: (principal: Principal) => boolean, code: number, reason: string): void {
    for (const peer of peers.values()) {
      if (peer.who !== undefined && concerns(peer.who.principal)) peer.close(code, reason)
    }
  }

  function ping(): void {
    for (const socket of peers.keys()) {
      if (silent.has(socket)) socket.terminate()
      else {
        silent.add(socket)
        socket.ping()
      }
    }
  }
}

function refused(refusal: Refusal, requestId: string): readonly GraphQLError[] {
  const { detail, title: _, ...extensions } = socketProblem(refusal, requestId)
  return [new GraphQLError(detail, { extensions: { ...extensions } })]
}

function isOf(principal: Principal, { organizationId, userId }: RoleChange): boolean {
  return principal.organizationId === organizationId && principal.userId === userId
}

function tokenOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { token, Authorization, authorization } = params ?? {}
  return typeof token === 'string' ? token : bearer(Authorization ?? authorization)
}

function bearer(header: unknown): string | undefined {
  return typeof header === 'string' && header.startsWith('Bearer ') ? header.slice(7).trim() : undefined
}
