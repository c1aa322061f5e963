import { describe, expect, test } from 'vitest'
import type { NewsRow } from '../db/news-log.ts'
import type { Actor } from '../domain/identity/actor.ts'
import { shardOf } from '../domain/news.ts'
import { instant } from '../domain/time/instant.ts'
import { Topics } from './topics.ts'

const ROOM = 'room:1'

describe('a topic', () => {
  test('gives a watch every event after the seq it joined at, once', () => {
    const { topics, live, tick } = setting()
    const watch = live('a', ROOM, 5)
    for (const seq of [4, 5, 6, 7]) topics.push(row(ROOM, seq))
    expect(tick()).toEqual({ a: ['room:1 6', 'room:1 7'] })
    topics.push(row(ROOM, 8))
    expect(tick()).toEqual({ a: ['room:1 8'] })
    expect(watch.seq).toBe(8)
    expect(tick()).toEqual({})
  })

  test('keeps for a joining watch what comes while its state is read', () => {
    const { topics, tick } = setting()
    const watch = topics.join('a', actor(), ROOM)
    for (const seq of [1, 2, 3]) topics.push(row(ROOM, seq))
    expect(tick()).toEqual({})
    topics.push(row(ROOM, 4))
    expect(topics.settle(watch, 2).map(({ seq }) => seq)).toEqual([3])
    expect(tick()).toEqual({ a: ['room:1 4'] })
  })

  test('keeps an event from whom it leaves out, and asks for his state instead', () => {
    const { topics, live, tick } = setting()
    const watch = live('a', ROOM, 1)
    topics.push({ ...row(ROOM, 2), type: `not for ${watch.actor.userId}` })
    expect(tick()).toEqual({})
    expect([...topics.stale]).toEqual([watch])
  })

  test('asks for the state when an event is missing, and goes on from there', () => {
    const { topics, live, tick } = setting()
    const watch = live('a', ROOM, 1)
    topics.push(row(ROOM, 3))
    expect(tick()).toEqual({})
    expect([...topics.stale]).toEqual([watch])
    topics.push(row(ROOM, 4))
    expect(tick()).toEqual({})
    topics.rejoin(watch)
    expect(topics.stale.size).toBe(0)
    topics.settle(watch, 4)
    topics.push(row(ROOM, 5))
    expect(tick()).toEqual({ a: ['room:1 5'] })
  })

  test('asks for the state when the join missed one', () => {
    const { topics, tick } = setting()
    const watch = topics.join('a', actor(), ROOM)
    topics.push(row(ROOM, 4))
    tick()
    expect(topics.settle(watch, 2)).toEqual([])
    expect([...topics.stale]).toEqual([watch])
  })

  test('asks for the state when more comes than a joining watch may keep', () => {
    const { topics, tick } = setting()
    const watch = topics.join('a', actor(), ROOM)
    for (let seq = 1; seq <= 1_001; seq++) {
      topics.push(row(ROOM, seq))
      tick()
    }
    expect(watch.buffer).toHaveLength(1_000)
    topics.settle(watch, 500)
    expect([...topics.stale]).toEqual([watch])
  })

  test('gives a slow socket nothing, and asks for the state of just what it missed', () => {
    const { topics, live, tick } = setting()
    const watch = live('a', ROOM, 0)
    live('a', 'room:2', 0)
    topics.push(row(ROOM, 1))
    expect(tick(() => false)).toEqual({})
    expect([...topics.stale]).toEqual([watch])
    topics.push(row('room:2', 1))
    expect(tick()).toEqual({ a: ['room:2 1'] })
  })

  test('whose events were lost: every watch of the shard needs the state, joining ones after their join', () => {
    const { topics, live, tick } = setting()
    const watch = live('a', ROOM, 0)
    const joining = topics.join('b', actor(), ROOM)
    topics.push(row(ROOM, 1))
    topics.spoilShards([shardOf(ROOM)])
    expect(tick()).toEqual({})
    topics.settle(joining, 3)
    expect([...topics.stale]).toEqual([watch, joining])
  })

  test('is of one organisation: the same name in another is another topic', () => {
    const { topics, live, tick } = setting()
    live('a', ROOM, 0)
    topics.push({ ...row(ROOM, 1), organizationId: 'other' })
    expect(tick()).toEqual({})
  })

  test('tells when a shard gets its first topic and loses its last', () => {
    const { topics, live, shards } = setting()
    const [first, second] = [live('a', ROOM, 0), live('b', ROOM, 0)]
    expect(shards).toEqual([[shardOf(ROOM), true]])
    topics.leave(first)
    topics.leave(first)
    expect(shards).toHaveLength(1)
    topics.leave(second)
    expect(shards.at(-1)).toEqual([shardOf(ROOM), false])
    expect(topics.size).toBe(0)
    topics.push(row(ROOM, 1))
    expect(topics.hasNews).toBe(false)
  })

  test('sends nothing to a watch that is gone, whatever its join still brings', () => {
    const { topics, tick } = setting()
    const watch = topics.join('a', actor(), ROOM)
    topics.leave(watch)
    expect(topics.settle(watch, 0)).toEqual([])
    topics.push(row(ROOM, 1))
    expect(tick()).toEqual({})
  })
})

test('sockets with the same news have the same key, others have not', () => {
  const { topics, live } = setting()
  for (const id of ['a', 'b', 'c']) live(id, ROOM, 0)
  live('c', 'room:2', 0)
  live('late', ROOM, 1)
  for (const seq of [1, 2]) topics.push(row(ROOM, seq))
  topics.push(row('room:2', 1))
  const deliveries = topics.drain(1, () => true)
  const key = (id: string) => deliveries.get(id)?.key
  expect(key('a')).toBe(key('b'))
  expect(new Set([key('a'), key('c'), key('late')]).size).toBe(3)
})

function setting() {
  const shards: [number, boolean][] = []
  const topics = new Topics({
    onTopic: (shard, watched) => shards.push([shard, watched]),
    mayRead: (viewer, { type }) => type !== `not for ${viewer.userId}`,
  })
  return {
    topics,
    shards,
    live: (watcherId: string, topic: string, seq: number) => {
      const watch = topics.join(watcherId, actor(), topic)
      topics.settle(watch, seq)
      return watch
    },
    tick: (mayTake = () => true) => {
      const given = [...topics.drain(1, mayTake)]
      return Object.fromEntries(given.map(([id, { items }]) => [id, items.map((item) => `${item.topic} ${item.seq}`)]))
    },
  }
}

function actor(): Actor {
  return { organizationId: 'ours', userId: 'u', role: 'member', sessionId: 's', requestId: 'r' }
}

function row(topic: string, seq: number): NewsRow {
  return {
    organizationId: 'ours',
    topic,
    seq,
    type: 'room.booked',
    at: instant(0),
    data: {},
    shard: shardOf(topic),
    position: seq,
  }
}
