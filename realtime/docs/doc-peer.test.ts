import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { DocPeer } from './doc-peer.ts'

const KIB = 1_024
/** More than the kernel takes in for a socket that nobody reads. */
const FAR_TOO_MUCH = 64 * KIB * KIB

let server: WebSocketServer
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  await once(server, 'listening')
})
afterAll(() => server?.close())

test('a peer that does not read is told no more cursors, then cut off as a slow consumer before it owes much more than a mebibyte', async () => {
  const { peer, socket, reader, ended } = await connected()
  reader.pause()
  const frame = Buffer.alloc(64 * KIB)
  let hadCursorsUpTo = 0
  let most = 0
  for (let sent = 0; sent < FAR_TOO_MUCH && !peer.isClosing; sent += frame.length) {
    peer.write(frame)
    most = Math.max(most, socket.writableLength)
    if (peer.wantsCursors) hadCursorsUpTo = socket.writableLength
    await nextTurn()
  }
  expect(peer.closeCode).toBe(4508)
  expect(hadCursorsUpTo).toBeLessThanOrEqual(256 * KIB)
  expect(most).toBeLessThanOrEqual(1_024 * KIB + 2 * frame.length)
  // It is not waited for until it reads.
  await ended
  expect(socket.destroyed).toBe(true)
})

test('a whole document may be larger than that', async () => {
  const { peer, reader } = await connected()
  reader.pause()
  peer.writeState(Buffer.alloc(FAR_TOO_MUCH))
  peer.write(Buffer.alloc(512 * KIB))
  expect(peer.isClosing).toBe(false)
  reader.terminate()
})

test('a peer that made no progress for ten seconds is cut off, however little it owes', async () => {
  const { peer, socket, reader } = await connected()
  reader.pause()
  peer.writeState(Buffer.alloc(FAR_TOO_MUCH))
  await nextTurn()
  expect(socket.writableLength).toBeGreaterThan(0)
  const now = performance.now()
  peer.judge(now)
  peer.judge(now + 9_000)
  expect(peer.isClosing).toBe(false)
  peer.judge(now + 10_001)
  expect(peer.closeCode).toBe(4508)
  reader.terminate()
})

async function connected() {
  const accepted = once(server, 'connection')
  const reader = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [[ws]] = (await Promise.all([accepted, once(reader, 'open')])) as [[WebSocket], unknown]
  reader.on('error', () => {})
  const socket = (ws as unknown as { _socket: Socket })._socket
  const actor = { organizationId: 'o', userId: 'u', role: 'member', sessionId: 's', requestId: 'r' } as const
  return {
    peer: new DocPeer(ws, { id: 'p', actor, right: 'edit', wantsAcks: false }),
    socket,
    reader,
    ended: once(ws, 'close'),
  }
}
