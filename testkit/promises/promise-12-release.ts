import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../app/demo/random.ts'
import { eventually } from '../eventually.ts'
import type { TestNetwork } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Answer, type Office, HOUR, expectStatus, foundOffice, loggedErrors } from './office.ts'

/** Of each fate one room in turn. */
const FATES = ['nobody', 'early', 'racing', 'racing by socket', 'sensor', 'racing sensor'] as const
const ROOMS = 36
/** Until the meetings begin: long enough to book them all. */
const AHEAD_MS = 3_500
/** What a killed worker had in hand waits for its lease of 10 s. */
const SETTLED_MS = 25_000
const CLOCK = '00000000-0000-0000-0000-000000000000'

interface Booked {
  roomId: string
  meetingId: string
  allocationId: string
  fate: (typeof FATES)[number]
  /** Whoever said that he is there; 200 or 202 when he was heard. */
  said?: { status: number; answeredAt: number }
}

interface UseRow {
  room_id: string
  checked_in_at: Date | null
  released_at: Date | null
  released_by: string | null
  release_reason: string | null
}

let network: TestNetwork
let office: Office
let judge: Judge

export function release(ground: () => Ground): void {
  describe('Promise 12: release never interrupts a checked-in or occupied room; every release has reason and actor', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 2, rooms: ROOMS })
      // Given back the moment the meeting begins, if nobody is there.
      const bookingRules = { checkInRequired: true, graceMinutes: 0, warnMinutes: 0 }
      await judge.query('UPDATE room SET booking_rules = $1 WHERE id = ANY ($2)', [bookingRules, office.rooms])
    })

    test('people and sensors race the release of 36 rooms on two nodes while a worker is killed in it', async () => {
      const seed = randomBytes(4).toString('hex')
      const random = createRandom(seed)
      const watcher = network.socket(office.owner.token)
      for (const room of office.rooms) await watcher.watch(`room:${room}`)
      const start = Math.ceil((Date.now() + AHEAD_MS) / 1_000) * 1_000
      const booked = await Promise.all(office.rooms.map((room, i) => book(room, start, FATES[i % FATES.length]!)))
      expect(Date.now(), 'booked in time').toBeLessThan(start - 500)

      const victim = random.pick(network.of('worker'))
      const killedAfter = random.between(0, 150)
      const killed = at(start + killedAfter).then(() => victim.kill())
      await Promise.all(booked.map((one) => happens(one, start, random.next())))
      await killed
      await eventually(() => isSettled(booked), SETTLED_MS)
      await victim.start()
      await network.settle(watcher)

      const uses = await usesOf(booked)
      const released = booked.filter(({ roomId }) => uses.get(roomId)?.released_at)
      const late = Math.max(...released.map(({ roomId }) => uses.get(roomId)!.released_at!.getTime() - start))
      const counts = Object.fromEntries(FATES.map((fate) => [fate, released.filter((one) => one.fate === fate).length]))
      console.log(
        `seed ${seed}: ${victim.id} killed after ${killedAfter} ms; released`,
        counts,
        `the last after ${late} ms`,
      )
      for (const one of booked)
        expect([seed, one.fate, await faultsOf(one, uses.get(one.roomId))]).toEqual([seed, one.fate, []])
      expect(counts['nobody']).toBe(ROOMS / FATES.length)
      // Racers have won and lost, or nothing raced.
      expect(released.length).toBeGreaterThan(ROOMS / FATES.length)
      expect(released.length).toBeLessThan(ROOMS / 2 + ROOMS / FATES.length)
      expect(late).toBeLessThan(SETTLED_MS)

      // Each release was told once, with its reason, and nothing else of the room was lost on the way.
      const told = watcher.items.filter(({ type }) => type === 'room.released')
      expect(told.map(({ data }) => (data as { roomId: string }).roomId).toSorted()).toEqual(
        released.map(({ roomId }) => roomId).toSorted(),
      )
      expect(new Set(told.map(({ data }) => (data as { reason: string }).reason))).toEqual(new Set(['no_show']))
      expect(watcher.faults).toEqual([])
      expect(await judge.faults()).toEqual([])
      expect(await loggedErrors(network)).toEqual([])
    })

    test('nor does anybody release, or walk into, a room in which somebody is', async () => {
      const taken = await judge.query<UseRow & { meeting_id: string }>(
        `SELECT u.* FROM room_use u WHERE room_id = ANY ($1) AND checked_in_at IS NOT NULL AND released_at IS NULL LIMIT 4`,
        [office.rooms],
      )
      expect(taken.length).toBe(4)
      for (const { room_id: room } of taken) {
        const answers = await Promise.all([
          office.call('POST', `/rooms/${room}/release`, { body: { reason: 'mine' } }),
          office.call('POST', `/rooms/${room}/walkup`, { as: office.people[0]!, body: {} }),
        ])
        expect(answers.map(({ status }) => status)).toEqual([409, 409])
        expect((await office.call('GET', `/rooms/${room}/state`)).body.status).toBe('checked_in')
      }
      expect(await judge.faults()).toEqual([])
    })
  })
}

async function book(roomId: string, start: number, fate: Booked['fate']): Promise<Booked> {
  const iso = (time: number) => new Date(time).toISOString()
  const times = { startTime: iso(start), endTime: iso(start + HOUR), timezone: 'UTC' }
  const answer = expectStatus(
    await office.call('POST', '/meetings', { body: { title: fate, ...times, roomIds: [roomId] } }),
    201,
  )
  const { meeting, allocations } = answer.body
  const { allocationId } = allocations.find((one: { resourceId: string }) => one.resourceId === roomId)
  return { roomId, meetingId: meeting.id, allocationId, fate }
}

/** Says that somebody is there, when the fate of the room wants it. */
async function happens(one: Booked, start: number, luck: number): Promise<void> {
  const { fate } = one
  if (fate === 'nobody') return
  const isEarly = fate === 'early' || fate === 'sensor'
  // Most at once, and some when a busy machine has come to it.
  await at(isEarly ? start - 450 + luck * 250 : start - 60 + luck * luck * 1_500)
  const status = await sayPresent(one)
  one.said = { status, answeredAt: Date.now() }
}

async function sayPresent({ fate, roomId, allocationId }: Booked): Promise<number> {
  if (fate === 'sensor' || fate === 'racing sensor') {
    const sample = { id: randomUUID(), roomId, at: new Date().toISOString(), present: true }
    return (await office.call('POST', '/occupancy', { body: { samples: [sample] } })).status
  }
  if (fate === 'racing by socket') {
    const client = network.socket(office.owner.token)
    const ack = await client.ask('room.checkIn', { roomId, allocationId })
    client.socket.disconnect()
    return ack.ok ? 200 : ack.problem?.code === 'illegal_transition' ? 409 : 500
  }
  const answer: Answer = await office.call('POST', `/rooms/${roomId}/checkin`, { body: { allocationId } })
  return answer.status
}

async function at(time: number): Promise<void> {
  const ms = time - Date.now()
  if (ms > 0) await delay(ms)
}

/** Nothing that is due waits any more, and whom nobody came for has lost the room. */
async function isSettled(booked: readonly Booked[]): Promise<string | undefined> {
  const rooms = booked.map(({ roomId }) => roomId)
  const open = await judge.query<{ subject: string }>(
    `SELECT subject FROM due WHERE kind = 'room' AND subject = ANY ($1) AND due_at <= now()`,
    [rooms],
  )
  return open.length === 0 ? undefined : `${open.length} rooms wait for their clock`
}

async function usesOf(booked: readonly Booked[]): Promise<Map<string, UseRow>> {
  const rows = await judge.query<UseRow>('SELECT * FROM room_use WHERE room_id = ANY ($1)', [
    booked.map(({ roomId }) => roomId),
  ])
  return new Map(rows.map((row) => [row.room_id, row]))
}

async function faultsOf({ roomId, meetingId, allocationId, fate, said }: Booked, use?: UseRow): Promise<string[]> {
  const faults: string[] = []
  const isReleased = use?.released_at !== null && use?.released_at !== undefined
  const claims = await judge.query('SELECT FROM allocation WHERE id = $1', [allocationId])
  const state = (await office.call('GET', `/rooms/${roomId}/state`)).body
  const [meeting] = await judge.query<{ status: string; room_ids: string[] }>(
    'SELECT status, room_ids FROM meeting WHERE id = $1',
    [meetingId],
  )
  if (claims.length !== (isReleased ? 0 : 1)) faults.push(`released: ${isReleased}, and it has ${claims.length} claims`)
  if (meeting?.status !== 'confirmed') faults.push(`the meeting is ${meeting?.status}`)
  if (meeting?.room_ids.length !== (isReleased ? 0 : 1))
    faults.push(`the meeting has ${meeting?.room_ids.length} rooms`)
  if (isReleased && (use.released_by !== CLOCK || use.release_reason !== 'no_show'))
    faults.push(`released by ${use.released_by}, for ${use.release_reason}`)
  const isSensor = fate === 'sensor' || fate === 'racing sensor'
  if (isSensor) {
    if (said?.status !== 202) faults.push(`the sensor was answered ${said?.status}`)
    // What was acknowledged before the release decided would have kept the room.
    if (isReleased && use.released_at!.getTime() > (said?.answeredAt ?? 0)) faults.push('released though occupied')
  } else if (said !== undefined && said.status !== (isReleased ? 409 : 200)) {
    faults.push(`released: ${isReleased}, and the check-in was answered ${said.status}`)
  }
  if (!isReleased && !isSensor && state.status !== 'checked_in') faults.push(`the room is ${state.status}`)
  if (isReleased && !isSensor && state.status !== 'free') faults.push(`the released room is ${state.status}`)
  return faults
}
