import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocketServer, type WebSocket } from 'ws'
import { isUnavailable } from '../../db/pool.ts'
import { type DocRef, parseDocId } from '../../domain/documents/doc-ref.ts'
import { documentRight } from '../../domain/documents/rights.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Door, refuseUpgrade } from '../doors.ts'
import { RoleChanges } from '../live-rights.ts'
import type { Newsroom } from '../newsroom.ts'
import { EndedSessions } from '../sessions.ts'
import { DocPeer } from './doc-peer.ts'
import type { LiveDoc } from './live-doc.ts'
import { type DocsDeps, NotNow, OpenDocs } from './open-docs.ts'
import { servePeer } from './serve-peer.ts'
import { BUSY, NO_RIGHT, RESTART, SESSION_OVER } from './wire.ts'

const PATH = '/yjs/'
/** The largest frame: an hour's typing of somebody who was offline has a tenth of it. */
const MAX_FRAME_BYTES = 1_048_576
/** Documents being read for newcomers at a time; the others come again. */
const MAX_JOINS = 200
/** People in one document on one node: a town hall meeting. */
const MAX_PEERS_PER_DOC = 1_000
/** Clients of a node that stops come back spread over this window. */
const DRAIN_WINDOW_MS = 1_500
/** How long the last updates may take to be stored before their writers are sent away. */
const LAST_STORE_MS = 3_000

interface Refusal {
  code: number
  reason: string
}

/**
 * The door of shared documents: the y-websocket wire at `/yjs/<docId>?token=…`. A connection is accepted before it is judged,
 * because only a close tells a stock client why. Disposing refuses newcomers, stores what was said, says 1012 to everybody.
 */
export function openDocsDoor(deps: DocsDeps, newsroom: Newsroom): Door {
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES })
  const docs = new OpenDocs(deps, newsroom)
  const sessions = new EndedSessions()
  const roles = new RoleChanges()
  const sockets = new Set<WebSocket>()
  let joining = 0
  let draining = false

  const forgetRevoked = deps.onRevoked((sessionId) => {
    sessions.add(sessionId)
    for (const peer of docs.peers()) {
      if (peer.actor.sessionId === sessionId) peer.close(SESSION_OVER, SESSION_ENDED)
    }
  })
  const forgetRoles = deps.onRoleChanged((change) => {
    const { organizationId, userId, role } = change
    // Kept for a while: a connection may just be on its way in.
    roles.add(change)
    for (const peer of docs.peers()) {
      if (peer.actor.organizationId !== organizationId || peer.actor.userId !== userId) continue
      if (role === undefined) peer.close(SESSION_OVER, SESSION_ENDED)
      else peer.actor = { ...peer.actor, role }
    }
    docs.judge(organizationId)
  })

  return {
    path: PATH,
    upgrade,
    async [Symbol.asyncDispose]() {
      draining = true
      forgetRevoked()
      forgetRoles()
      await drain()
      await docs[Symbol.asyncDispose]()
    },
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (draining) {
      refuseUpgrade(socket, 503)
      return
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      // Nothing is read before the document is there: what waits, waits in the client.
      ws.pause()
      sockets.add(ws)
      ws.on('close', () => sockets.delete(ws))
      // A frame that breaks the protocol: ws closes with its own code.
      ws.on('error', () => {})
      const url = new URL(request.url ?? '/', 'ws://node')
      void admit(ws, url).catch((error: unknown) => {
        if (!isUnavailable(error) && !(error instanceof NotNow))
          deps.log.error({ event: 'doc.join_failed', err: error })
        refuse(ws, { code: BUSY, reason: 'Not at the moment.' })
      })
    })
  }

  async function admit(ws: WebSocket, url: URL): Promise<void> {
    const { searchParams, pathname } = url
    const mark = roles.mark
    const principal = await deps.authenticate(searchParams.get('token') ?? undefined, 'socket')
    if (principal === undefined) {
      refuse(ws, { code: SESSION_OVER, reason: SESSION_ENDED })
      return
    }
    const { expiresAt: _, ...who } = principal
    const came: Actor = { ...who, requestId: deps.newId() }
    const ref = parseDocId(decoded(pathname.slice(PATH.length)))
    const doc = ref && (await openFor(came, ref))
    // Asked after the waiting: what ended meanwhile must not be let in.
    const changed = roles.since(mark, came)
    const actor = changed?.role === undefined ? came : { ...came, role: changed.role }
    const isOver = sessions.has(actor.sessionId) || (changed !== undefined && changed.role === undefined)
    const right = doc === undefined ? 'none' : documentRight(actor, doc.rights)
    if (isOver) refuse(ws, { code: SESSION_OVER, reason: SESSION_ENDED })
    else if (draining) refuse(ws, { code: RESTART, reason: STOPPING })
    else if (doc === undefined || right === 'none')
      refuse(ws, { code: NO_RIGHT, reason: 'There is no such document for you.' })
    else if (doc.peers.size >= MAX_PEERS_PER_DOC) refuse(ws, { code: BUSY, reason: 'Too many people.' })
    else if (ws.readyState === ws.OPEN) {
      const peer = new DocPeer(ws, { id: deps.newId(), actor, right, wantsAcks: searchParams.get('acks') === '1' })
      serve(ws, peer, doc)
    }
  }

  function openFor(actor: Actor, ref: DocRef): Promise<LiveDoc | undefined> {
    if (joining >= MAX_JOINS || docs.journal.isFull) throw new NotNow('too many joins, or too much to store')
    joining += 1
    return docs.open(actor, ref).finally(() => {
      joining -= 1
    })
  }

  function serve(ws: WebSocket, peer: DocPeer, doc: LiveDoc): void {
    const opened = performance.now()
    const { sessionId, userId, organizationId } = peer.actor
    const common = { peerId: peer.id, docId: doc.docId }
    deps.log.info({ event: 'doc.joined', ...common, sessionId, userId, organizationId, right: peer.right })
    ws.on('close', (code: number) => {
      doc.leave(peer)
      deps.log.info({
        event: 'doc.left',
        ...common,
        code: peer.closeCode ?? code,
        ms: Math.round(performance.now() - opened),
      })
    })
    servePeer(ws, peer, doc, { journal: docs.journal, metrics: docs.metrics })
    ws.resume()
  }

  async function drain(): Promise<void> {
    await Promise.all(
      docs.peers().map(async (peer) => {
        await sleep(Math.random() * DRAIN_WINDOW_MS)
        peer.stopReading()
      }),
    )
    for (const doc of docs.docs()) doc.flush()
    await docs.journal.drain(LAST_STORE_MS)
    for (const peer of docs.peers()) peer.close(RESTART, STOPPING)
    const deadline = performance.now() + DRAIN_WINDOW_MS
    while (sockets.size > 0 && performance.now() < deadline) await sleep(10)
    for (const ws of sockets) ws.terminate()
  }
}

const SESSION_ENDED = 'Your session has ended. Sign in again.'
const STOPPING = 'This node stops.'

function refuse(ws: WebSocket, { code, reason }: Refusal): void {
  ws.resume()
  ws.close(code, reason)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
