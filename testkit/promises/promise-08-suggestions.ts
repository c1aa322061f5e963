import { beforeAll, describe, expect, test } from 'vitest'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, type Person, DAY, HOUR, expectStatus, foundOffice, iso, loggedErrors, span } from './office.ts'

let network: TestNetwork
let office: Office
let judge: Judge
let nodes: TestNode[]
let [from, to] = [0, 0]

interface Slot {
  start: string
  end: string
  roomIds: string[]
  score: number
  attendance: { present: string[]; absent: string[] }
  reasons: string[]
}

export function suggestions(ground: () => Ground): void {
  describe('Promise 8: suggestions are sound, deterministic, and a wider window never loses one; each says why', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 4, rooms: 3 })
      nodes = network.of('api')
      // A week from tomorrow's midnight on always has working days on both sides of its middle.
      from = Math.floor(Date.now() / DAY + 1) * DAY
      to = from + 7 * DAY
      await fillCalendars()
    })

    test('each is free of everything that is booked, within working hours, and says why', async () => {
      const { slots, total } = await ask(wish())
      expect([slots.length, total > 50]).toEqual([total, true])
      const booked = await judge.query<{ resource_id: string; starts_at: number; ends_at: number }>(
        'SELECT resource_id, extract(epoch FROM starts_at)::float8 * 1000 AS starts_at, extract(epoch FROM ends_at)::float8 * 1000 AS ends_at FROM allocation WHERE resource_id = ANY ($1)',
        [[...office.rooms, ...office.people.map(({ id }) => id)]],
      )
      expect(booked.length).toBeGreaterThan(20)
      for (const { start, end, roomIds, attendance, reasons } of slots) {
        const [begins, ends] = [Date.parse(start), Date.parse(end)]
        const taken = booked.filter((one) => one.starts_at < ends && begins < one.ends_at).map((one) => one.resource_id)
        expect([...roomIds, ...attendance.present].filter((id) => taken.includes(id))).toEqual([])
        const [day, opens, closes] = [new Date(begins).getUTCDay(), start.slice(11, 16), end.slice(11, 16)]
        expect([day > 0 && day < 6, opens >= '09:00', closes <= '17:00']).toEqual([true, true, true])
        expect(reasons.length).toBeGreaterThanOrEqual(3)
      }
    })

    test('every node says the same, in whatever order people are named', async () => {
      const [a, b] = await Promise.all(nodes.map((at) => ask(wish(), at)))
      expect(a!.slots.map(withoutSoonness)).toEqual(b!.slots.map(withoutSoonness))
      const turned = wish({ required: wish().required.toReversed(), optional: wish().optional.toReversed() })
      expect((await ask(turned)).slots.map(withoutSoonness)).toEqual(a!.slots.map(withoutSoonness))
    })

    test('a wider window has every slot of the narrower one', async () => {
      const narrow = await ask(wish({ window: { from: iso(from + DAY), to: iso(to - 2 * DAY) } }))
      const wide = await ask(wish({ window: { from: iso(from - 100 * 60_000), to: iso(to + 50 * 60_000) } }))
      expect(narrow.total).toBeGreaterThan(10)
      expect(wide.slots.map(withoutSoonness)).toEqual(expect.arrayContaining(narrow.slots.map(withoutSoonness)))
    })

    test('the best one is booked by who asked, and then suggested no more', async () => {
      for (const at of nodes) {
        const [best] = (await ask(wish(), at)).slots as [Slot]
        const participants = office.people.map(({ id }) => ({ userId: id }))
        const body = {
          title: 'Best',
          startTime: best.start,
          endTime: best.end,
          timezone: 'UTC',
          roomIds: best.roomIds,
          participants,
        }
        expectStatus(await office.call('POST', '/meetings', { body, at }), 201)
        const starts = (await ask(wish(), at)).slots.map(({ start }) => start)
        expect(starts).not.toContain(best.start)
      }
      expect(await judge.faults()).toEqual([])
      expect(await loggedErrors(network)).toEqual([])
    })

    test('where there is none, it says who is in the way and what would help', async () => {
      const [busy] = office.people as [Person]
      const day = { title: 'Away', startTime: iso(from), endTime: iso(to), timezone: 'UTC' }
      expectStatus(await office.call('POST', '/meetings', { as: busy, body: day }), 201)
      const { slots, blocking, relaxations } = await ask(wish())
      expect([slots, blocking]).toMatchObject([[], [{ kind: 'person', userId: busy.id }]])
      expect(relaxations[0]).toMatchObject({ change: { kind: 'without_person', userId: busy.id } })
      const without = wish({ required: wish().required.filter((id) => id !== busy.id) })
      expect((await ask(without)).total).toBe(relaxations[0].slots)
    })
  })
}

function wish(given: object = {}) {
  const [a, b, c, d] = office.people.map(({ id }) => id) as [string, string, string, string]
  const rooms = { capacity: 5 }
  const asked = { required: [a, b], optional: [c, d], rooms, durationMinutes: 30, granularityMinutes: 30, limit: 500 }
  return { window: { from: iso(from), to: iso(to) }, ...asked, ...given }
}

async function ask(body: object, at?: TestNode) {
  const answer = await office.call('POST', '/calendar/suggestions', { body, ...(at && { at }) })
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  return expectStatus(answer, 200).body as { slots: Slot[]; total: number; blocking: any; relaxations: any }
}

/** The clock goes on between two questions; all else of a slot stays. */
function withoutSoonness({ start, end, roomIds, attendance }: Slot) {
  return { start, end, roomIds, attendance }
}

/** Each works from nine to five, and has a few meetings on each day; rooms have some of them. */
async function fillCalendars(): Promise<void> {
  const calls = Array.from({ length: 7 }, (_, day) =>
    office.people.map((as, i) => {
      const start = from + day * DAY + (9 + ((i * 2 + day) % 8)) * HOUR
      const roomIds = i < 3 ? [office.rooms[i]!] : []
      return office.call('POST', '/meetings', { as, body: { title: 'Taken', ...span(start), roomIds } })
    }),
  )
  for (const answer of await Promise.all(calls.flat())) expectStatus(answer, 201)
}
