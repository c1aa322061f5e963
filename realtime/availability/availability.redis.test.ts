import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AvailabilityRig, type LiveNode, openAvailabilityRig } from '../../testkit/availability-rig.ts'
import type { Answer } from '../../testkit/api.ts'
import { expectStatus } from '../../testkit/booking-office.ts'
import type { Standing } from '../../testkit/standing-client.ts'

let rig: AvailabilityRig
let node: LiveNode
let member: { id: string; token: string }
let auditor: { id: string; token: string }
let ownerId: string
beforeAll(async () => {
  rig = await openAvailabilityRig()
  node = await rig.node('first')
  member = await rig.office.person('member')
  auditor = await rig.office.person('auditor')
  ownerId = rig.office.owner.user.id
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  await rig?.[Symbol.asyncDispose]()
})

const DAY = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' }

function people(...ids: string[]) {
  return ids.map((userId) => ({ userId }))
}

function blocksOf({ entries }: Standing, id: string) {
  return entries.get(id)?.busy.map(({ start, end, kind }) => `${start.slice(11, 16)}-${end.slice(11, 16)} ${kind}`)
}

function at(minutes: number): string {
  return new Date(Date.UTC(2026, 10, 24) + minutes * 60_000).toISOString()
}

async function cancel({ body, headers }: Answer): Promise<void> {
  const given = { token: rig.office.token, headers: { 'if-match': headers.get('etag')! } }
  expectStatus(await rig.office.api.call('DELETE', `/meetings/${body.meeting.id}`, given), 204)
}

describe('a standing query', () => {
  test('is answered with the state, then told who has changed, until it is left', async () => {
    const { office } = rig
    const roomId = await office.room({ bookingRules: { bufferAfterMinutes: 15 } })
    await using client = node.client(member.token)
    const subjects = [...people(ownerId), { roomId }]
    const standing = await client.watch({ subjects, window: DAY, granularityMinutes: 60, durationMinutes: 60 })
    expect(standing.node).toBe('first')
    const working = [{ start: '2026-11-24T09:00:00Z', end: '2026-11-24T17:00:00Z' }]
    expect([...standing.entries.values()]).toEqual([
      { id: ownerId, kind: 'person', timezone: 'UTC', busy: [], working, sources: [] },
      { id: roomId, kind: 'room', busy: [], working: null, sources: [] },
    ])
    expect(standing.starts).toHaveLength(8)

    const booked = expectStatus(await office.book({ roomIds: [roomId] }), 201)
    await expect
      .poll(() => [blocksOf(standing, ownerId), blocksOf(standing, roomId)])
      .toEqual([['09:00-10:00 busy'], ['09:00-10:00 busy', '10:00-10:15 blocked']])
    await expect.poll(() => standing.starts).toHaveLength(6)
    expect(standing.starts?.[0]).toEqual({ start: '2026-11-24T11:00:00Z', free: [ownerId, roomId], missing: [] })
    await cancel(booked)
    await expect.poll(() => [blocksOf(standing, ownerId), blocksOf(standing, roomId)]).toEqual([[], []])

    const { topic, deltas } = standing
    expect(await client.ask('topic.unwatch', { topic })).toEqual({ ok: true })
    const other = await client.watch({ subjects: [{ roomId }], window: DAY, granularityMinutes: 60 })
    const again = expectStatus(await office.book({ roomIds: [roomId] }), 201)
    await expect.poll(() => other.deltas).toBe(1)
    await cancel(again)
    await expect.poll(() => other.deltas).toBe(2)
    expect([standing.deltas, client.faults]).toEqual([deltas, []])
  })

  test('shows holds of others, never whose they are, and one’s own as free', async () => {
    const { office } = rig
    const roomId = await office.room()
    await using mine = node.client(member.token)
    await using theirs = node.client(office.token)
    const query = { subjects: [{ roomId }], window: DAY, granularityMinutes: 15 }
    const [own, others] = [await mine.watch(query), await theirs.watch(query)]
    const span = { resourceIds: [roomId], start: at(600), end: at(660) }
    const placed = await mine.ask('hold.place', span)
    await expect.poll(() => blocksOf(others, roomId)).toEqual(['10:00-11:00 hold'])
    const moved = { ...span, start: at(660), end: at(720), replaces: placed.hold.id }
    const next = await mine.ask('hold.place', moved)
    await expect.poll(() => blocksOf(others, roomId)).toEqual(['11:00-12:00 hold'])
    expect(JSON.stringify([...others.entries.values()])).not.toContain(member.id)
    await mine.ask('hold.release', { holdId: next.hold.id })
    await expect.poll(() => blocksOf(others, roomId)).toEqual([])
    expect([blocksOf(own, roomId), own.deltas]).toEqual([[], 0])
  })

  test.each([
    ['none where the seats are too few', 1, 0],
    ['all that the room is free for where there are enough', 2, 4],
  ])('lists %s, as a booking would be judged', async (_, capacity, starts) => {
    const { office } = rig
    const roomId = await office.room({ capacity })
    await using client = node.client(member.token)
    const window = { from: at(12 * 60), to: at(14 * 60) }
    const subjects = [...people(ownerId, member.id), { roomId }]
    const query = { subjects, window, granularityMinutes: 30, durationMinutes: 30 }
    expect((await client.watch(query)).starts).toHaveLength(starts)
    const asked = `userIds=${ownerId},${member.id}&roomIds=${roomId}&durationMinutes=30&granularityMinutes=30`
    const { items } = expectStatus(
      await office.get(`/calendar/availability?${asked}&from=${window.from}&to=${window.to}`, member.token),
      200,
    ).body
    expect(items).toHaveLength(starts)
  })

  test('is told whom a start must suit by its rules, which go before what is said beside them', async () => {
    const tooSmall = await rig.office.room({ capacity: 1 })
    await using client = node.client(member.token)
    const window = { from: at(12 * 60), to: at(14 * 60) }
    const query = { subjects: [...people(ownerId), { roomId: tooSmall }], window, granularityMinutes: 30 }
    const missing = async (given: object) => {
      const { starts } = await client.watch({ ...query, durationMinutes: 30, ...given })
      return (starts as { missing: string[] }[]).map((start) => start.missing)
    }
    const suitingHim = Array.from({ length: 4 }, () => [tooSmall])
    expect(await missing({ rules: { required: [ownerId] } })).toEqual(suitingHim)
    expect(await missing({ required: [ownerId] })).toEqual(suitingHim)
    expect(await missing({ rules: {}, required: [ownerId] })).toEqual(suitingHim)
    expect(await missing({ rules: { required: [ownerId] }, required: [tooSmall] })).toEqual(suitingHim)
    expect(await missing({ rules: { required: [tooSmall] }, required: [ownerId] })).toEqual([])
  })

  test('whose rights are lost is closed', async () => {
    const { office } = rig
    await using client = node.client(member.token)
    const others = await client.watch({ subjects: people(ownerId), window: DAY, granularityMinutes: 15 })
    const himself = await client.watch({ subjects: people(member.id), window: DAY, granularityMinutes: 15 })
    const [row] = await office.query('SELECT organization_id AS id FROM users WHERE id = $1', [ownerId])
    const organizationId = String(row?.['id'])
    node.changeRole({ organizationId, userId: member.id, role: 'guest' })
    await expect.poll(() => client.closed).toEqual([others.topic])
    const booked = expectStatus(await office.book({ participants: [{ userId: member.id }] }), 201)
    await expect.poll(() => himself.deltas).toBe(1)
    await cancel(booked)
    expect([others.deltas, client.faults]).toEqual([0, []])
    const query = { subjects: people(ownerId), window: DAY, granularityMinutes: 15 }
    await expect(client.watch(query)).rejects.toThrow('not_found')
    node.changeRole({ organizationId, userId: member.id, role: 'member' })
  })

  test.each([
    ['of somebody who does not exist', { subjects: people('00000000-0000-7000-8000-000000000009') }, 'not_found'],
    ['of a room as if it were a person', { subjects: [] as object[], asPerson: true }, 'not_found'],
    ['that ends before it begins', { window: { from: DAY.to, to: DAY.from } }, 'invalid_time'],
    ['over a year', { window: { from: DAY.from, to: '2027-11-24T00:00:00Z' } }, 'too_large'],
    ['by a step that is none', { granularityMinutes: 7 }, 'invalid_input'],
    ['of nobody', { subjects: [] }, 'invalid_input'],
    ['that requires whom it does not name', { required: ['00000000-0000-7000-8000-000000000009'] }, 'invalid_input'],
    ['by a rule that there is not', { rules: { optional: [] } }, 'invalid_input'],
  ])('%s is refused', async (_, { asPerson, ...given }: { asPerson?: boolean; subjects?: object[] } & object, code) => {
    await using client = node.client(rig.office.token)
    const subjects = asPerson ? people(await rig.office.room()) : people(ownerId)
    const query = { subjects, window: DAY, granularityMinutes: 15, ...given, ...(asPerson && { subjects }) }
    await expect(client.watch(query)).rejects.toThrow(code)
    expect(node.availability.watches.size).toBe(0)
  })

  test('more than twenty of a socket are refused; they end with it', async () => {
    const client = node.client(rig.office.token)
    const query = { subjects: people(ownerId), window: DAY, granularityMinutes: 15 }
    for (let i = 0; i < 20; i++) await client.watch(query)
    await expect(client.watch(query)).rejects.toThrow('too_large')
    await client[Symbol.asyncDispose]()
    await expect.poll(() => node.availability.watches.size).toBe(0)
  })
})

const SEED = 20_261_124

describe(`bookings in any order, seed ${SEED}`, () => {
  test('the deltas folded into the snapshot are a fresh snapshot on another node, and what the store says', async () => {
    const { office } = rig
    await using other = await rig.node('second')
    const rooms = [await office.room(), await office.room({ bookingRules: { bufferBeforeMinutes: 10 } })]
    const whoElse = [member.id, auditor.id]
    const subjects = [...people(ownerId, ...whoElse), ...rooms.map((roomId) => ({ roomId }))]
    const query = { subjects, window: DAY, granularityMinutes: 15, durationMinutes: 45, required: [ownerId] }
    await using client = node.client(office.token)
    const standing = await client.watch(query)
    const step = fc.record({
      act: fc.constantFrom('book', 'book', 'book', 'cancel', 'move', 'hold', 'tentative'),
      start: fc.integer({ min: 0, max: 90 }),
      length: fc.integer({ min: 1, max: 6 }),
      room: fc.integer({ min: 0, max: 2 }),
      with: fc.integer({ min: 0, max: 2 }),
      which: fc.nat(),
    })
    const made: Answer[] = []
    for (const { act, start, length, room, with: whom, which } of fc.sample(step, { numRuns: 60, seed: SEED })) {
      const span = { startTime: at(start * 15), endTime: at((start + length) * 15) }
      const old = made.length === 0 ? undefined : made[which % made.length]
      if (act === 'hold') {
        const by = {
          token: member.token,
          body: { resourceIds: [rooms[room % 2]], start: span.startTime, end: span.endTime },
        }
        await office.api.call('POST', '/holds', by)
      } else if (act === 'cancel' && old !== undefined) {
        await cancel(old)
        made.splice(made.indexOf(old), 1)
      } else if (act === 'move' && old !== undefined) {
        const moved = await office.put(old.body.meeting.id, span, office.token, {
          'if-match': old.headers.get('etag')!,
        })
        if (moved.status === 200)
          made[made.indexOf(old)] = { ...moved, body: { meeting: moved.body.meeting ?? moved.body } }
      } else {
        const roomIds = room < 2 ? [rooms[room]] : []
        const participants = whom < 2 ? [{ userId: whoElse[whom] }] : []
        const status = act === 'tentative' ? 'tentative' : 'confirmed'
        const booked = await office.book({ ...span, timezone: 'UTC', roomIds, participants, status })
        if (booked.status === 201) made.push(booked)
      }
    }
    expect(made.length).toBeGreaterThan(10)
    await rig.settle()
    await using late = other.client(office.token)
    const fresh = await late.watch(query)
    await expect.poll(() => standing.entries).toEqual(fresh.entries)
    expect(standing.starts).toEqual(fresh.starts)
    expect([standing.snapshots, standing.deltas > 1, client.faults]).toEqual([1, true, []])
    // The read model of REST says the same of when somebody is taken at all.
    const search = new URLSearchParams({ from: DAY.from, to: DAY.to, userIds: [ownerId, ...whoElse].join() })
    const { items } = expectStatus(await office.get(`/calendar/freebusy?${search}`), 200).body
    for (const { userId, busy } of items) expect(minutesOf(busy)).toEqual(minutesOf(fresh.entries.get(userId)!.busy))
  }, 60_000)
})

/** Every minute in which something is on. */
function minutesOf(spans: { start: string; end: string }[]): number[] {
  const minutes = new Set<number>()
  for (const { start, end } of spans) {
    for (let minute = Date.parse(start); minute < Date.parse(end); minute += 60_000) minutes.add(minute)
  }
  return [...minutes].sort((a, b) => a - b)
}
