import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../domain/identity/actor.ts'
import { instant } from '../../domain/time/instant.ts'
import { uuid7 } from '../../testkit/api.ts'
import { type AvailabilityRig, type LiveNode, openAvailabilityRig } from '../../testkit/availability-rig.ts'
import { expectStatus } from '../../testkit/booking-office.ts'
import type { NewsItem } from '../protocol.ts'
import { followAvailability } from './feed.ts'
import type { AvailabilityReader } from './watches.ts'

let rig: AvailabilityRig
let node: LiveNode
let owner: Actor
beforeAll(async () => {
  rig = await openAvailabilityRig()
  node = await rig.node('first')
  owner = { ...(await rig.office.api.identity.authenticate(rig.office.token, 'http'))!, requestId: 'test' }
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  await rig?.[Symbol.asyncDispose]()
})

const at = (hour: number) => instant(Date.UTC(2026, 10, 24, hour))
const clock = { now: () => at(0), newId: () => uuid7(at(0)) }

function dayOf(...ids: string[]) {
  const subjects = ids.map((id) => ({ id, kind: 'person' as const }))
  return { subjects, window: { start: at(0), end: at(24) }, granularityMinutes: 15 }
}

async function book(hour: number): Promise<void> {
  const span = { startTime: new Date(at(hour)).toISOString(), endTime: new Date(at(hour + 1)).toISOString() }
  expectStatus(await rig.office.book({ ...span, timezone: 'UTC' }), 201)
}

function hoursIn({ data }: NewsItem): string[] {
  const [subject] = (data as { subjects: { busy: { start: string }[] }[] }).subjects
  return subject!.busy.map(({ start }) => start.slice(11, 13))
}

describe('a reader in this process (a GraphQL subscription)', () => {
  test('is given the state, then whole entries of who has changed, each with the next number, until he goes', async () => {
    const { id } = rig.office.owner.user
    const going = new AbortController()
    const feed = await followAvailability(node.availability, clock, owner, dayOf(id), going.signal)
    if (!feed.ok) throw new Error(feed.error.code)
    const next = async () => (await feed.value.next()).value as NewsItem
    const snapshot = await next()
    expect([snapshot.type, snapshot.seq, hoursIn(snapshot)]).toEqual(['snapshot', 1, []])
    await book(7)
    const first = await next()
    expect([first.type, first.seq, hoursIn(first)]).toEqual(['availability.changed', 2, ['07']])
    await book(20)
    const second = await next()
    // Nothing has to be folded: what lies beside the change is said as well.
    expect([second.seq, hoursIn(second)]).toEqual([3, ['07', '20']])
    const unread = await followAvailability(node.availability, clock, owner, dayOf(id), going.signal)
    expect([unread.ok, node.availability.watches.size]).toEqual([true, 2])
    going.abort()
    expect(await feed.value.next()).toEqual({ done: true, value: undefined })
    expect(node.availability.watches.size).toBe(0)
  })

  test('who may not see somebody is refused, and nothing is followed for him', async () => {
    const guest = { ...owner, role: 'guest' as const, userId: uuid7(at(0)) }
    const query = dayOf(rig.office.owner.user.id)
    const feed = await followAvailability(node.availability, clock, guest, query, new AbortController().signal)
    expect(feed).toMatchObject({ ok: false, error: { code: 'not_found' } })
    expect(node.availability.watches.size).toBe(0)
  })
})

describe('a reader that is slow', () => {
  test('is told nothing until he has caught up, then the state; afterwards changes again', async () => {
    const { id } = rig.office.owner.user
    const items: NewsItem[] = []
    let isSlow = false
    const reader: AvailabilityReader = {
      id: 'slow',
      actor: owner,
      send: (sent) => items.push(...sent),
      closeTopic: () => {},
      mayTakeEvents: () => !isSlow,
      hasCaughtUp: () => !isSlow,
    }
    const joined = await node.availability.watches.open(reader, dayOf(id))
    if (!joined.ok) throw new Error(joined.error.code)
    joined.value.follow()
    isSlow = true
    // Somebody else sees when the node knows of it.
    await using brisk = node.client(rig.office.token)
    const window = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' }
    const standing = await brisk.watch({ subjects: [{ userId: id }], window, granularityMinutes: 15 })
    for (const hour of [9, 11, 13]) {
      const { deltas } = standing
      await book(hour)
      await expect.poll(() => standing.deltas).toBeGreaterThan(deltas)
    }
    expect(items).toEqual([])
    isSlow = false
    await expect.poll(() => items.length).toBe(1)
    const [snapshot] = items
    expect([snapshot!.type, snapshot!.seq]).toEqual(['snapshot', 2])
    expect(hoursIn(snapshot!)).toEqual(expect.arrayContaining(['09', '11', '13']))
    await book(15)
    await expect.poll(() => items.at(-1)?.seq).toBe(3)
    expect(items.at(-1)?.type).toBe('availability.changed')
    node.availability.watches.leave(reader)
    expect(node.availability.watches.size).toBe(1)
  })
})

test('what happens while Redis is away is told out of the store, and after it has come back empty as well', async () => {
  const { id } = rig.office.owner.user
  await using client = node.client(rig.office.token)
  const window = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' }
  const standing = await client.watch({ subjects: [{ userId: id }], window, granularityMinutes: 15 })
  const hours = () => standing.entries.get(id)!.busy.map(({ start }) => start.slice(11, 13))
  await rig.redis.kill()
  await book(22)
  await expect.poll(hours, { timeout: 5_000 }).toContain('22')
  await rig.redis.start()
  await book(17)
  await expect.poll(hours, { timeout: 5_000 }).toContain('17')
  expect([client.faults, standing.snapshots]).toEqual([[], 1])
}, 20_000)
