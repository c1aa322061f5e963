import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Topic } from '../domain/news.ts'
import { type NewsRig, aTopic, metric, openNewsRig } from '../testkit/news-rig.ts'
import type { SocketClient } from '../testkit/socket-client.ts'

let rig: NewsRig
let relay: AsyncDisposable
beforeAll(async () => {
  rig = await openNewsRig()
  relay = rig.relay()
})
afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await rig[Symbol.asyncDispose]()
})

describe('sockets end', () => {
  test('not at all before they begin: without a session the handshake is refused with a problem', async () => {
    await using node = await rig.gateway()
    for (const token of ['bad', undefined as never]) {
      await using client = node.client(token)
      if (token === undefined) client.socket.auth = { user: 'me' }
      await client.until(() => client.refusals.length === 1)
      expect(client.refusals[0]?.data).toMatchObject({ code: 'unauthenticated', requestId: expect.any(String) })
      expect(client.socket.active).toBe(false)
    }
  })

  test('and begin again when the store was only away during the handshake', async () => {
    await using node = await rig.gateway()
    await using client = node.client('unlucky')
    await client.until(() => client.socket.connected)
    expect(client.refusals).toEqual([])
  })

  test('with their session, on every node: bye 4401, and the stock client stays away', async () => {
    await using first = await rig.gateway()
    await using second = await rig.gateway()
    const session = randomUUID()
    await using here = first.client(session)
    await using there = second.client(session)
    await using other = second.client()
    await Promise.all([here, there, other].map((client) => client.until(() => client.socket.connected)))
    first.revoke(session)
    // The other node hears of it as soon as their coordination stands; the store's own way is not part of this rig.
    await expect.poll(() => (first.revoke(session), there.byes.length), { timeout: 5_000 }).toBe(1)
    for (const client of [here, there]) {
      await client.until(() => client.disconnects.length === 1)
      expect(client.byes).toMatchObject([{ code: 4401 }])
      expect(client.disconnects).toEqual(['io server disconnect'])
      expect(client.socket.active).toBe(false)
    }
    expect(other.socket.connected).toBe(true)
    await using late = first.client(session)
    await late.until(() => late.refusals.length === 1)
  })

  test('when the node stops: bye 1012, and the stock client comes back to the next one without a gap', async () => {
    const topic = aTopic()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const old = await rig.gateway('old', server)
    await using client = old.client()
    await client.watch(topic)
    await rig.write([topic])
    await client.until(() => client.items.length === 1)
    const began = performance.now()
    await old[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(5_000)
    await rig.write([topic])
    await using _next = await rig.gateway('next', server)
    await client.until(() => client.items.length === 2)
    expect(client.byes).toMatchObject([{ code: 1012, reconnectAfterMs: expect.any(Number) }])
    expect(client.disconnects).toEqual(['transport close'])
    expect(client.nodes).toEqual(['old', 'next'])
    expect(client.modes).toEqual(['snapshot', 'replay'])
    expect(client.faults).toEqual([])
    client.socket.disconnect()
    server.close()
  })

  test(
    'when their reader stalls: bye 4408 is tried, the node forgets it, the client resumes',
    { timeout: 40_000 },
    async () => {
      const topic = aTopic()
      await using node = await rig.gateway()
      await using client = node.client()
      await using brisk = node.client()
      await Promise.all([client.watch(topic), brisk.watch(topic)])
      const stalled = transportOf(client)
      stalled.pause()
      await bigNews(topic, 250)
      await brisk.until(() => brisk.items.length === 250)
      await expect.poll(() => metric(node, 'convoke_sockets'), { timeout: 20_000, interval: 200 }).toBe(1)
      stalled.resume()
      await client.until(() => client.socket.connected && client.cursor(topic)?.seq === 250)
      expect(client.faults).toEqual([])
      expect(client.disconnects).toHaveLength(1)
      expect(client.disconnects[0]).toMatch(/^transport/)
    },
  )
})

test('a reader that is slow for a while gets the state instead of what it missed', { timeout: 40_000 }, async () => {
  const [topic, quiet] = [aTopic(), aTopic()]
  await using node = await rig.gateway()
  await using client = node.client()
  await using brisk = node.client()
  await Promise.all([client.watch(topic), client.watch(quiet), brisk.watch(topic)])
  const slow = transportOf(client)
  slow.pause()
  // So little at a time that what waits for him never is so much that he is cut off.
  while (brisk.items.length < 250) {
    const told = brisk.items.length + 10
    await bigNews(topic, 10)
    await brisk.until(() => brisk.items.length === told)
  }
  slow.resume()
  await client.until(() => client.cursor(topic)?.seq === 250)
  expect([client.disconnects, client.modes]).toEqual([[], ['snapshot', 'snapshot']])
  expect(client.snapshots.filter((item) => item.type === 'snapshot' && item.at !== '')).toMatchObject([
    { topic, seq: 250, data: { count: 250 } },
  ])
  expect(client.items.length).toBeLessThan(250)
  await rig.write([topic])
  await rig.write([quiet])
  await client.until(() => client.cursor(topic)?.seq === 251 && client.cursor(quiet)?.seq === 1)
  expect([client.faults, client.disconnects]).toEqual([[], []])
})

/** Enough to fill what the kernel keeps for a reader that does not read. */
async function bigNews(topic: Topic, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await rig.write([topic], { text: 'x'.repeat(60_000) })
}

function transportOf(client: SocketClient): { pause: () => void; resume: () => void } {
  const { transport } = client.socket.io.engine as unknown as { transport: { ws: never } }
  return transport.ws
}
