import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type NewsRig, aTopic, metric, openNewsRig, reachesHeads } from '../testkit/news-rig.ts'
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

describe('joining a topic', () => {
  test('without a cursor gives the state, and then every event', async () => {
    const topic = aTopic()
    await rig.write([topic])
    await using node = await rig.gateway('node-7')
    await using client = node.client()
    await client.watch(topic)
    expect(client.snapshots).toMatchObject([{ topic, seq: 1, data: { count: 1 } }])
    expect(client.nodes).toEqual(['node-7'])
    await rig.write([topic], { said: 'hello' })
    await client.until(() => client.items.length === 1)
    expect(client.items).toEqual([
      {
        topic,
        epoch: expect.any(Number),
        seq: 2,
        type: 'room.booked',
        at: expect.stringMatching(/Z$/),
        data: { said: 'hello' },
      },
    ])
  })

  test('with a cursor at the head is live, behind it a replay, on any node', async () => {
    const topic = aTopic()
    await using first = await rig.gateway()
    await using second = await rig.gateway()
    await using left = first.client()
    await left.watch(topic)
    await rig.write([topic])
    await left.until(() => left.items.length === 1)
    const cursor = left.cursor(topic)
    left.socket.disconnect()

    await using current = second.client()
    await current.watch(topic, cursor)
    expect(current.modes).toEqual(['live'])

    for (let i = 0; i < 5; i++) await rig.write([topic])
    await using resumed = second.client()
    await resumed.watch(topic, cursor)
    expect(resumed.modes).toEqual(['replay'])
    expect(resumed.seqs(topic)).toEqual([2, 3, 4, 5, 6])
    await rig.write([topic])
    await resumed.until(() => resumed.items.length === 6)
    expect([...resumed.faults, ...current.faults]).toEqual([])
  })

  test.each([
    ['of another epoch', { epoch: 999, seq: 1 }],
    ['from the future', { epoch: 1, seq: 1_000 }],
    ['too far behind', { epoch: 1, seq: 0 }],
  ])('with a cursor %s gives the state', async (_, cursor) => {
    const topic = aTopic()
    await Promise.all(Array.from({ length: 201 }, () => rig.write([topic])))
    await using node = await rig.gateway()
    await using client = node.client()
    await client.watch(topic, cursor)
    expect(client.modes).toEqual(['snapshot'])
    expect(client.snapshots).toMatchObject([{ seq: 201, data: { count: 201 } }])
  })

  test('whose old events were removed gives the state', async () => {
    const topic = aTopic()
    for (let i = 0; i < 5; i++) await rig.write([topic])
    await rig.owner.query('DELETE FROM outbox WHERE topic = $1 AND seq = 2', [topic])
    await using node = await rig.gateway()
    await using client = node.client()
    await client.watch(topic, { epoch: 1, seq: 1 })
    expect(client.modes).toEqual(['snapshot'])
  })

  test('while eight writers are at it loses nothing: the state and what follows meet exactly', async () => {
    const topics = Array.from({ length: 4 }, aTopic)
    await using node = await rig.gateway()
    const writing = Promise.all(Array.from({ length: 8 }, () => rig.writeMany(topics, 15)))
    const clients: SocketClient[] = []
    for (let i = 0; i < 20; i++) {
      const client = node.client()
      clients.push(client)
      await Promise.all(topics.map((topic) => client.watch(topic)))
    }
    await writing
    for (const client of clients) await reachesHeads(rig, client, topics)
    for (const { topic, seq, data } of clients.flatMap((client) => client.snapshots)) {
      expect(data, topic).toEqual({ count: seq })
    }
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
  })

  test('that may not be watched, or belongs to another organisation, is not found', async () => {
    const [secret, foreign] = [aTopic(), aTopic()]
    rig.forbidden.add(secret.slice('room:'.length))
    await rig.write([secret, foreign])
    await using node = await rig.gateway()
    await using client = node.client()
    const refused = await client.ask('topic.watch', { topic: secret })
    expect(refused).toMatchObject({ ok: false, problem: { code: 'not_found' } })
    await using stranger = node.client('other-organization')
    // The test's source says yes to everybody; the wall of the store must hold nonetheless.
    await stranger.watch(foreign)
    await using own = node.client()
    await own.watch(foreign)
    expect(stranger.snapshots).toMatchObject([{ seq: 0, data: { count: 0 } }])
    await rig.write([secret, foreign])
    await own.until(() => own.items.length === 1)
    expect([client.items, stranger.items]).toEqual([[], []])
  })

  test('again replaces the first time; leaving it ends the news', async () => {
    const [topic, other] = [aTopic(), aTopic()]
    await using node = await rig.gateway()
    await using client = node.client()
    await Promise.all([client.watch(topic), client.watch(other)])
    const acks = await Promise.all([client.ask('topic.watch', { topic }), client.ask('topic.watch', { topic })])
    expect(acks).toMatchObject([{ ok: false, problem: { code: 'stale' } }, { ok: true }])
    await rig.write([topic])
    await client.until(() => client.items.length === 1)
    expect(await client.ask('topic.unwatch', { topic })).toEqual({ ok: true })
    await rig.write([topic])
    await rig.write([other])
    await client.until(() => client.seqs(other).length === 1)
    expect(client.seqs(topic)).toEqual([1])
    expect(client.faults).toEqual([])
  })
})

describe('messages', () => {
  test('that are unknown, malformed or misplaced are answered with a problem and do no harm', async () => {
    await using node = await rig.gateway()
    await using client = node.client()
    await client.until(() => client.socket.connected)
    const code = async (name: string, payload: unknown) => (await client.ask(name, payload)).problem?.code
    expect(await code('room.explode', {})).toBe('invalid_input')
    expect(await code('error', 'boom')).toBe('invalid_input')
    expect(await code('constructor', {})).toBe('invalid_input')
    for (const payload of [null, 7, 'x', [], {}, { topic: 7 }, { topic: 'room:x' }, { topic: aTopic(), seq: -1 }]) {
      expect(await code('topic.watch', payload), JSON.stringify(payload)).toBe('invalid_input')
    }
    expect(await code('topic.watch', { topic: aTopic(), extra: 1 })).toBe('invalid_input')
    expect(await code('topic.watch', { topic: Buffer.from('room') })).toBe('invalid_input')
    const detailed = await client.ask('topic.watch', { topic: 'room:x' })
    expect(detailed.problem?.errors).toEqual([{ pointer: '/topic', detail: 'is not the name of a topic' }])
  })

  test('without an ack are handled all the same', async () => {
    const topic = aTopic()
    await using node = await rig.gateway()
    await using client = node.client()
    await client.until(() => client.socket.connected)
    client.socket.emit('topic.watch', { topic })
    await client.ask('topic.unwatch', { topic: aTopic() })
    await expect.poll(() => metric(node, 'convoke_topic_listeners')).toBe(1)
  })

  test('that come too fast are refused', async () => {
    await using node = await rig.gateway()
    await using client = node.client()
    await client.until(() => client.socket.connected)
    const acks = await Promise.all(Array.from({ length: 400 }, () => client.ask('topic.unwatch', { topic: aTopic() })))
    const refused = acks.filter((ack) => ack.problem?.code === 'too_many_requests')
    expect(refused.length).toBeGreaterThan(50)
    expect(refused.length).toBeLessThanOrEqual(100)
  })

  test('cannot watch more topics than a socket may', async () => {
    await using node = await rig.gateway()
    await using client = node.client()
    await client.until(() => client.socket.connected)
    const acks = await Promise.all(Array.from({ length: 201 }, () => client.ask('topic.watch', { topic: aTopic() })))
    expect(acks.filter((ack) => ack.ok)).toHaveLength(200)
    expect(acks.at(-1)).toMatchObject({ ok: false, problem: { code: 'too_large' } })
  })
})
