import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type NewsRig, aTopic, openNewsRig } from '../testkit/news-rig.ts'

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

describe('when a role changes', () => {
  test('each topic is judged by the new one: the state again, or its end; the socket stays', async () => {
    const [kept, lost] = [aTopic(), aTopic()]
    await using node = await rig.gateway()
    await using client = node.client()
    await Promise.all([client.watch(kept), client.watch(lost)])
    rig.forbiddenTo.set(lost.slice('room:'.length), 'guest')
    node.changeRole({ organizationId: rig.organizationId, userId: rig.userId, role: 'guest' })
    await client.until(() => client.closedTopics.includes(lost))
    await client.until(() => client.snapshots.filter((item) => item.topic === kept).length === 2)
    await rig.write([kept, lost])
    await client.until(() => client.seqs(kept).length === 1)
    expect([client.seqs(lost), client.byes, client.faults]).toEqual([[], [], []])
    const again = await client.ask('topic.watch', { topic: lost })
    expect(again).toMatchObject({ ok: false, problem: { code: 'not_found' } })
  })

  test('back, what was closed may be watched again', async () => {
    const topic = aTopic()
    rig.forbiddenTo.set(topic.slice('room:'.length), 'guest')
    await using node = await rig.gateway()
    await using client = node.client()
    await client.until(() => client.socket.connected)
    const change = { organizationId: rig.organizationId, userId: rig.userId }
    node.changeRole({ ...change, role: 'guest' })
    expect((await client.ask('topic.watch', { topic })).ok).toBe(false)
    node.changeRole({ ...change, role: 'member' })
    expect((await client.ask('topic.watch', { topic })).ok).toBe(true)
  })

  test('to none at all, the socket ends with bye 4403 and the stock client stays away', async () => {
    await using node = await rig.gateway()
    await using client = node.client()
    await using stranger = node.client('other-organization')
    await Promise.all([client, stranger].map((one) => one.until(() => one.socket.connected)))
    node.changeRole({ organizationId: rig.organizationId, userId: rig.userId, role: undefined })
    await client.until(() => client.disconnects.length === 1)
    expect([client.byes, client.disconnects]).toMatchObject([[{ code: 4403 }], ['io server disconnect']])
    expect([client.socket.active, stranger.socket.connected]).toEqual([false, true])
  })

  test('while a handshake is on its way, it counts as well', async () => {
    const topic = aTopic()
    rig.forbiddenTo.set(topic.slice('room:'.length), 'guest')
    await using node = await rig.gateway()
    rig.handshake.during = () => {
      rig.handshake.during = undefined
      node.changeRole({ organizationId: rig.organizationId, userId: rig.userId, role: 'guest' })
    }
    await using client = node.client(randomUUID())
    await client.until(() => client.socket.connected)
    expect((await client.ask('topic.watch', { topic })).ok).toBe(false)
  })
})
