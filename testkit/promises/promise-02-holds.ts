import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Answer, type Office, type Person, expectStatus, foundOffice, iso, loggedErrors, span } from './office.ts'

/** How much longer than its TTL a hold may keep others out. */
const GRACE_MS = 1_000
/** Between two tries of who waits for a slot. */
const TRY_EVERY_MS = 40
const SLOTS = 6

let network: TestNetwork
let office: Office
let judge: Judge
let doors: [TestNode, TestNode]
let room: string

export function holds(ground: () => Ground): void {
  describe('Promise 2: a hold never blocks its owner, never outlives its TTL by more than 1 s, converts atomically', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 8, rooms: 2 })
      doors = network.of('api') as typeof doors
      room = office.rooms[0] as string
    })

    test('its owner gets past it on either node while all others race for the slot', async () => {
      const [owner, ...others] = office.people as [Person, ...Person[]]
      for (let slot = 0; slot < SLOTS; slot++) {
        const { id } = await place(owner, slot, 600)
        const isConverted = slot % 2 === 0
        const racing = others.flatMap((person, i) => [book(person, slot, doors[i % 2]!), hold(person, slot, 60)])
        const own = isConverted
          ? office.call('POST', `/holds/${id}/convert`, {
              as: owner,
              at: doors[1],
              body: { title: 'mine', timezone: 'UTC' },
            })
          : book(owner, slot, doors[1])
        const more = others.map((person, i) => book(person, slot, doors[i % 2]!))
        expect((await own).status).toBe(201)
        expect(new Set((await Promise.all([...racing, ...more])).map(({ status }) => status))).toEqual(new Set([409]))
      }
      const ids = office.people.map((person) => person.id)
      expect(await judge.query('SELECT FROM hold WHERE user_id = ANY ($1)', [ids])).toEqual([])
      expect(await judge.faults()).toEqual([])
    })

    test('without any worker others get the slot within a second after its end, and never before', async () => {
      await Promise.all(network.of('worker').map((worker) => worker.kill()))
      const late = await Promise.all(
        Array.from({ length: SLOTS }, async (_, i) => {
          const [owner, waiting] = [office.people[i % 4]!, office.people[4 + (i % 4)]!]
          const { expiresAt } = await place(owner, SLOTS + i, 1 + (i % 2))
          const wins = async (): Promise<Answer> => {
            for (;;) {
              const answer = await book(waiting, SLOTS + i, doors[i % 2]!)
              if (answer.status !== 409) return answer
              await delay(TRY_EVERY_MS)
            }
          }
          expectStatus(await wins(), 201)
          return Date.now() - Date.parse(expiresAt)
        }),
      )
      console.log(`slots won ${Math.min(...late)} to ${Math.max(...late)} ms after their holds' end, without a worker`)
      expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...late)).toBeLessThan(GRACE_MS)
      expect(await judge.faults()).toEqual([])
    })

    test('who looks on either node sees it come, and go by itself though a worker was killed', async () => {
      const [victim] = network.of('worker') as [TestNode]
      const watchers = network.of('realtime').map(({ url }) => network.socket(office.people[1]!.token, url))
      await Promise.all(watchers.map((watcher) => watcher.watch(`holds:${room}`)))
      const placed = await Promise.all(Array.from({ length: 4 }, (_, i) => place(office.people[i]!, 2 * SLOTS + i, 1)))
      await victim.kill()
      for (const watcher of watchers) {
        await eventually(async () => {
          const gone = watcher.items.filter(({ type }) => type === 'hold.expired').length
          return gone < placed.length ? `${gone} of ${placed.length} have gone` : undefined
        }, 15_000)
        const types = watcher.items.map(({ type }) => type)
        expect(types.filter((type) => type === 'hold.placed')).toHaveLength(placed.length)
        expect(JSON.stringify(watcher.items)).not.toContain(office.people[0]!.id)
        expect(watcher.faults).toEqual([])
      }
      expect(await judge.query('SELECT FROM hold')).toEqual([])
    })

    test('a node killed while it converts leaves each slot held or booked, never both and never neither', async () => {
      const [, victim] = doors
      const owners = office.people.slice(0, SLOTS)
      const held = await Promise.all(owners.map((person, i) => place(person, 3 * SLOTS + i, 600)))
      const converting = held.map(({ id }, i) =>
        office.call('POST', `/holds/${id}/convert`, {
          ...{ as: owners[i]!, at: victim, body: { title: `slot ${i}`, timezone: 'UTC' } },
        }),
      )
      // One is through, and the others are on their way.
      await Promise.race(converting)
      await victim.kill()
      const answers = await Promise.all(converting)
      const left = await judge.query<{ id: string }>('SELECT id FROM hold')
      for (const [i, { id }] of held.entries()) {
        const meetings = await judge.query('SELECT FROM meeting WHERE title = $1 AND organizer_id = $2', [
          `slot ${i}`,
          owners[i]!.id,
        ])
        const isHeld = left.some((one) => one.id === id)
        expect([i, meetings.length]).toEqual([i, isHeld ? 0 : 1])
        if (answers[i]!.status === 201) expect(isHeld).toBe(false)
        expect((await book(office.people[7]!, 3 * SLOTS + i, doors[0])).status).toBe(409)
      }
      console.log(`${left.length} of ${held.length} were still held`)
      expect(await judge.faults()).toEqual([])
      expect(await loggedErrors(network)).toEqual([])
    })
  })
}

function hold(as: Person, slot: number, ttlSeconds: number): Promise<Answer> {
  const { startTime: start, endTime: end } = span(office.at(slot), 1)
  return office.call('POST', '/holds', { as, at: doors[0], body: { resourceIds: [room], start, end, ttlSeconds } })
}

async function place(as: Person, slot: number, ttlSeconds: number): Promise<{ id: string; expiresAt: string }> {
  return expectStatus(await hold(as, slot, ttlSeconds), 201).body
}

function book(as: Person, slot: number, at: TestNode): Promise<Answer> {
  const body = { title: `after ${iso(office.at(slot))}`, ...span(office.at(slot), 1), roomIds: [room] }
  return office.call('POST', '/meetings', { as, at, body })
}
