import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, foundOffice, loggedErrors, span, statuses } from './office.ts'
import { Storm } from './storm.ts'

let network: TestNetwork
let office: Office
let judge: Judge
let doors: TestNode[]

export function noOverlap(ground: () => Ground): void {
  describe('Promise 1: no two live allocations of one exclusive resource overlap', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 8, rooms: 3 })
      doors = network.of('api')
    })

    test('40 race for one slot over two nodes and both doors: one wins, 39 hear why and what else', async () => {
      const [room] = office.rooms as [string]
      const before = await judge.rowCounts()
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => {
          const as = office.people[i % office.people.length]!
          const body = { title: `racer ${i}`, ...span(office.at(0)) }
          const at = doors[i % 2]!
          return i % 4 < 2
            ? office.call('POST', '/meetings', { as, at, body: { ...body, roomIds: [room] } })
            : office.call('POST', `/rooms/${room}/book`, { as, at, body })
        }),
      )
      expect(statuses(answers)).toEqual({ 201: 1, 409: 39 })
      const { startTime: start, endTime: end } = span(office.at(0))
      for (const { body } of answers.filter((answer) => answer.status === 409)) {
        expect(body.code).toBe('slot_conflict')
        expect(body.conflicts).toMatchObject([{ resourceId: room, kind: 'booking', start, end }])
        expect(body.suggestions.length).toBeGreaterThan(0)
        for (const other of body.suggestions) {
          expect(other.reasons.length).toBeGreaterThan(0)
          const isTaken = other.roomIds.includes(room) && other.start < end && other.end > start
          expect(isTaken, JSON.stringify(other)).toBe(false)
        }
      }
      const worst = Math.max(...answers.map((answer) => answer.ms))
      console.log(`40 racers: the last answer after ${Math.round(worst)} ms`)
      const after = await judge.rowCounts()
      expect({ ...after, outbox: 0, topic_head: 0 }).toEqual({
        ...before,
        meeting: before['meeting']! + 1,
        occurrence: before['occurrence']! + 1,
        // The room and the organizer.
        allocation: before['allocation']! + 2,
        audit: before['audit']! + 1,
        outbox: 0,
        topic_head: 0,
      })
      expect(await judge.faults()).toEqual([])
    })

    test('a storm over few rooms, a node killed and started again in it: nothing overlaps, what was said is so', async () => {
      const seed = randomBytes(4).toString('hex')
      const [, victim] = doors as [TestNode, TestNode]
      const deadlocksBefore = await deadlocks()
      const storm = new Storm(office, { seed, writers: 8, doors })
      await storm.goesOn(200)
      await victim.kill()
      await storm.goesOn(150)
      await victim.start()
      await storm.goesOn(200)
      await storm.stop()
      console.log(`seed ${seed}:`, storm.counts(), `deadlocks in the store: ${(await deadlocks()) - deadlocksBefore}`)

      expect(await loggedErrors(network)).toEqual([])
      expect(storm.faults).toEqual([])
      // Only the killed node may fail to answer; nobody is told of an error.
      expect(storm.answers.filter(({ status }) => status >= 500)).toEqual([])
      expect(storm.counts()).toMatchObject({ 'book 201': expect.any(Number), 'book 409': expect.any(Number) })
      expect(storm.counts()).toMatchObject({ 'move 200': expect.any(Number), 'move 409': expect.any(Number) })
      expect(await storm.disagreements(judge)).toEqual([])
      expect(await judge.faults()).toEqual([])
    })
  })
}

async function deadlocks(): Promise<number> {
  const [row] = await judge.query<{ count: number }>(
    'SELECT deadlocks::integer AS count FROM pg_stat_database WHERE datname = current_database()',
  )
  return row?.count ?? 0
}
