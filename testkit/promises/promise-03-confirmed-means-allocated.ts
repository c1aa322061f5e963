import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Answer, type Office, expectStatus, foundOffice, loggedErrors, span } from './office.ts'

let network: TestNetwork
let office: Office
let judge: Judge
let one: TestNode
let two: TestNode

export function confirmedMeansAllocated(ground: () => Ground): void {
  describe('Promise 3: a meeting is confirmed only when all its rooms are allocated in the same transaction', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 2, rooms: 6 })
      ;[one, two] = network.of('api') as [TestNode, TestNode]
    })

    test('of several rooms one is taken: the meeting is refused whole and leaves nothing behind', async () => {
      const [a, b, c] = office.rooms as [string, string, string]
      await book({ title: 'in the way', ...span(office.at(1)), roomIds: [b] })
      const before = await judge.rowCounts()
      const body = { title: 'three rooms', ...span(office.at(0), 4), roomIds: [a, b, c] }
      const refused = await office.call('POST', '/meetings', { body, at: two, headers: { 'idempotency-key': 'three' } })
      expect(refused.status).toBe(409)
      const { startTime, endTime } = span(office.at(1))
      expect(refused.body.conflicts).toMatchObject([{ resourceId: b, start: startTime, end: endTime }])
      expect(await judge.rowCounts()).toEqual(before)
      // What it did not get is free for others.
      await book({ title: 'the others', ...span(office.at(0), 4), roomIds: [a, c] })
      expect(await judge.faults()).toEqual([])
    })

    test('of a series one occurrence is taken: reject leaves nothing, skip confirms the others and names this one', async () => {
      const [a, b] = office.rooms as [string, string]
      const taken = span(office.at(10, 2))
      await book({ title: 'on the third day', ...taken, roomIds: [b] })
      const before = await judge.rowCounts()
      const series = { ...span(office.at(10)), roomIds: [a, b], recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' } }
      const refused = await office.call('POST', '/meetings', { body: { title: 'all or nothing', ...series }, at: two })
      expect(refused.status).toBe(409)
      const recurrenceId = taken.startTime.replaceAll(/[-:Z]/g, '')
      expect(refused.body.conflicts).toMatchObject([{ resourceId: b, recurrenceId, start: taken.startTime }])
      expect(await judge.rowCounts()).toEqual(before)

      const skipped = await book({ title: 'four of five', ...series, onConflict: 'skip' })
      expect(skipped.body.meeting.status).toBe('confirmed')
      expect(skipped.body.warnings).toHaveLength(1)
      expect(skipped.body.allocations).toHaveLength(8)
      const { id } = skipped.body.meeting
      const live = await office.call('GET', `/meetings/${id}/occurrences?limit=10`, { at: two })
      expect(live.body.items.map((o: { status: string }) => o.status)).toEqual(
        Array.from({ length: 4 }, () => 'confirmed'),
      )
      expect(live.body.items.map((o: { recurrenceId: string }) => o.recurrenceId)).not.toContain(recurrenceId)
      expect(await judge.faults()).toEqual([])
    })

    test('a change that asks for a taken room is refused, and the meeting keeps what it had', async () => {
      const [a, b, , d] = office.rooms as [string, string, string, string]
      await book({ title: 'the taker', ...span(office.at(20)), roomIds: [b] })
      const standing = (await book({ title: 'the asker', ...span(office.at(20)), roomIds: [a, d] })).body.meeting
      for (const change of [{ roomIds: [a, b] }, { ...span(office.at(19)), roomIds: [b, d] }]) {
        const refused = await office.call('PUT', `/meetings/${standing.id}`, {
          body: { ...change, version: 1 },
          at: two,
        })
        expect(refused.status).toBe(409)
        expect(refused.body.conflicts).toMatchObject([{ resourceId: b }])
      }
      expect((await office.call('GET', `/meetings/${standing.id}`)).body).toEqual(standing)
      const claimed = await judge.query<{ resource_id: string }>(
        `SELECT resource_id FROM allocation WHERE meeting_id = $1 AND exclusive ORDER BY resource_id`,
        [standing.id],
      )
      expect(claimed.map((row) => row.resource_id)).toEqual([a, d].toSorted())
      expect(await judge.faults()).toEqual([])
    })

    test('a node is killed while it books: every meeting is there with all its rooms or not at all', async () => {
      const before = await judge.rowCounts()
      const bookings = Array.from({ length: 24 }, (_, i) => {
        const body = {
          title: `in flight ${i}`,
          ...span(office.at(2 * i, 10), 3),
          // Every other one collides with the one before, in half of its rooms.
          roomIds: i % 2 === 0 ? office.rooms : office.rooms.slice(0, 3),
          ...(i % 3 === 0 && { recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=20' } }),
        }
        return office.call('POST', '/meetings', { body, at: one })
      })
      await eventually(async () => {
        const { meeting } = await judge.rowCounts()
        return meeting! >= before['meeting']! + 4 ? undefined : 'hardly anything has been booked yet'
      })
      await one.kill()
      const answers = await Promise.all(bookings)
      await one.start()
      const unanswered = answers.filter(({ status }) => status === 0).length
      console.log(`killed with ${unanswered} of ${answers.length} answers open`)
      expect(await judge.faults()).toEqual([])
      for (const { body } of answers.filter(({ status }) => status === 201)) {
        const { id, roomIds } = body.meeting
        const [row] = await judge.query<{ status: string; claims: number; due: number }>(
          `SELECT m.status, (SELECT count(*)::integer FROM allocation a WHERE a.meeting_id = m.id AND a.exclusive) AS claims,
                  (SELECT count(*)::integer FROM occurrence o WHERE o.meeting_id = m.id) AS due FROM meeting m WHERE m.id = $1`,
          [id],
        )
        expect(row).toMatchObject({ status: 'confirmed', claims: row!.due * roomIds.length })
      }
      expect(await loggedErrors(network)).toEqual([])
    })
  })
}

async function book(body: object): Promise<Answer> {
  return expectStatus(await office.call('POST', '/meetings', { body, at: one }), 201)
}
