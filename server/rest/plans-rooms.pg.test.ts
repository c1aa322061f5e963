import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRandom } from '../../app/demo/random.ts'
import { expectStatus } from '../../testkit/booking-office.ts'
import { type PlanDesk, type Planned, openPlanDesk } from '../../testkit/plan-desk.ts'

const DAY = 1_440
let desk: PlanDesk
beforeAll(async () => {
  desk = await openPlanDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())
beforeEach(async () => {
  desk.office.at(0)
  await desk.office.query('UPDATE room SET is_active = false')
})

describe('a preview', () => {
  test('says of a room that is too small, and of one not in use, which occurrences it meets, and gives them another', async () => {
    const { office, mine, preview, commit, daily, taken, occurrences } = desk
    const small = await office.roomWith({}, { name: 'Nook', capacity: 2 })
    const [large, larger] = [await office.roomWith({}, { name: 'Hall' }), await office.roomWith({}, { capacity: 20 })]
    const participants = [{ email: 'a@x.org' }, { email: 'b@x.org' }]
    await taken(large, 60 + DAY, 120 + DAY)
    const plan = await preview(daily([small], 60, 3, { participants }))
    expect(plan.summary).toEqual({ occurrences: 3, ok: 0, conflicts: 3, repaired: 3 })
    const [first, second] = plan.occurrences as [Planned, Planned]
    expect(first.conflicts).toEqual([
      {
        ...{ resourceId: small, recurrenceId: '20261123T100000', start: office.time(60), end: office.time(120) },
        ...{ kind: 'rule', detail: '3 people need seats; in Nook there are 2.' },
      },
    ])
    expect(first.repair).toMatchObject({ kind: 'other_room', roomIds: [larger] })
    expect(first.alternatives).toEqual([{ kind: 'skip', reasons: [expect.any(String)] }])
    expect(second.repair).toMatchObject({ kind: 'other_room', roomIds: [larger] })
    expect(await commit(plan.planId, 'none')).toMatchObject({ status: 409, body: { code: 'capacity' } })
    const { meeting } = expectStatus(await commit(plan.planId), 201).body
    expect((await occurrences(meeting.id)).map((one: { roomIds: string[] }) => one.roomIds)).toEqual([
      ...[[larger], [larger], [larger]],
    ])

    // Of a single meeting, and of a change that brings one head too many.
    await office.query('UPDATE room SET is_active = false WHERE id = $1', [larger])
    const single = { ...daily([larger], 300, 1, { participants }), recurrencePattern: null }
    const shut = (await preview(single)).occurrences[0] as Planned
    expect(shut.conflicts).toMatchObject([{ resourceId: larger, kind: 'blackout' }])
    expect(shut.repair).toMatchObject({ kind: 'other_room', roomIds: [large] })
    const pair = daily([small], 300, 3, { participants: [{ email: 'a@x.org' }] })
    const { id } = expectStatus(await office.book(pair, mine), 201).body.meeting
    const crowded = await preview({ meetingId: id, change: { participants } })
    expect(crowded.summary).toEqual({ occurrences: 3, ok: 0, conflicts: 3, repaired: 3 })
    expectStatus(await commit(crowded.planId), 200)
    // Occurrences with rooms of their own are judged by those: nothing is wrong with them.
    await office.query('UPDATE room SET is_active = false WHERE id = $1', [small])
    const moved = await preview({ meetingId: id, change: { startTime: office.time(330) } })
    expect(moved.summary).toEqual({ occurrences: 3, ok: 3, conflicts: 0, repaired: 0 })
  })

  test('replaces every room that an occurrence has lost, each by another one, or none of them', async () => {
    const { office, mine, preview, commit, daily, taken, occurrences } = desk
    const [left, right] = [await office.roomWith({}, { capacity: 4 }), await office.roomWith({}, { capacity: 8 })]
    for (const room of [left, right]) await taken(room, 60 + DAY, 120 + DAY)
    const participants = Array.from({ length: 11 }, (_, i) => ({ email: `p${i}@x.org` }))
    const small = await office.roomWith({}, { name: 'Snug', capacity: 5 })
    const body = daily([left, right], 60, 3, { participants })
    const kindsOf = ({ repair, alternatives = [] }: Planned) => [repair, ...alternatives].map((one) => one?.kind)
    const [, lacking] = (await preview(body)).occurrences as [Planned, Planned]
    expect(kindsOf(lacking)).toEqual(['other_time', 'skip'])
    const refused = await office.book({ ...body, onConflict: 'alternate_room' }, mine)
    expect(refused).toMatchObject({ status: 409, body: { code: 'slot_conflict' } })

    const large = await office.roomWith({}, { name: 'Plaza', capacity: 8 })
    const plan = await preview(body)
    expect(plan.occurrences[1].repair).toEqual({
      ...{ kind: 'other_room', roomIds: [small, large] },
      reasons: ['Snug and Plaza are free at that time.', 'Seat 13 for 12.'],
    })
    const { meeting } = expectStatus(await commit(plan.planId), 201).body
    expect(await occurrences(meeting.id)).toMatchObject([{}, { roomIds: [small, large] }, {}])
    expectStatus(await office.api.call('DELETE', `/meetings/${meeting.id}`, { token: mine }), 204)
    const booked = expectStatus(await office.book({ ...body, onConflict: 'alternate_room' }, mine), 201).body
    expect(await occurrences(booked.meeting.id)).toMatchObject([{}, { roomIds: [small, large] }, {}])
  })

  test('names what is booked also where a rule is in the way already', async () => {
    const { office, preview, taken, daily } = desk
    const [booked, strict] = [await office.roomWith(), await office.roomWith({ maxDurationMinutes: 30 })]
    const [free, spare] = [await office.roomWith(), await office.roomWith()]
    await taken(booked, 60, 120)
    const { occurrences } = await preview(daily([booked, strict], 60, 2))
    expect(occurrences.map(({ conflicts }: Planned) => conflicts)).toMatchObject([
      [
        { resourceId: strict, kind: 'rule' },
        { resourceId: booked, kind: 'booking' },
      ],
      [{ resourceId: strict, kind: 'rule' }],
    ])
    expect(occurrences[0].repair.roomIds.toSorted()).toEqual([free, spare].toSorted())
  })

  test('that is refused later names the room that an occurrence has of its own', async () => {
    const { office, mine, preview, commit, daily, taken, occurrences } = desk
    const [home, away] = [await office.roomWith(), await office.roomWith({}, { name: 'Away' })]
    const { meeting } = expectStatus(await office.book(daily([home], 60, 3), mine), 201).body
    const [, second] = await occurrences(meeting.id)
    const path = `/meetings/${meeting.id}?scope=this&recurrenceId=${second.recurrenceId}`
    expectStatus(await office.api.call('PATCH', path, { token: mine, body: { roomIds: [away] } }), 200)
    const plan = await preview({ meetingId: meeting.id, change: { startTime: office.time(300) } })
    await taken(away, 300 + DAY, 360 + DAY)
    const detail = 'Away is already taken for 1 of 3 occurrences.'
    const moved = await office.put(meeting.id, { startTime: office.time(300), version: 2 }, mine)
    expect(moved).toMatchObject({ status: 409, body: { code: 'slot_conflict', detail } })
    expect(await commit(plan.planId)).toMatchObject({ status: 409, body: { code: 'stale_plan', detail } })
  })

  test('where nothing would do says what is in the way, and suggests nothing', async () => {
    const { office, preview, commit, daily } = desk
    const room = await office.roomWith({}, { capacity: 1 })
    const plan = await preview(daily([room], 60, 2, { participants: [{ email: 'a@x.org' }] }))
    expect(plan.summary).toEqual({ occurrences: 2, ok: 0, conflicts: 2, repaired: 0 })
    expect(plan.occurrences.map((one: Planned) => one.repair)).toEqual([undefined, undefined])
    expect(await commit(plan.planId)).toMatchObject({ status: 409, body: { code: 'capacity' } })
  })

  test('of many occurrences in rooms of their own names every one, however many rules they break', async () => {
    const { office, mine, preview, daily } = desk
    const [home, away] = [await office.roomWith(), await office.roomWith()]
    const { meeting } = expectStatus(await office.book(daily([home], 60, 60), mine), 201).body
    const roomIds = JSON.stringify({ roomIds: [away] })
    await office.query('UPDATE occurrence SET override = $2 WHERE meeting_id = $1', [meeting.id, roomIds])
    await office.query('UPDATE allocation SET resource_id = $2 WHERE meeting_id = $1 AND exclusive', [meeting.id, away])
    await office.query('UPDATE room SET is_active = false WHERE id = $1', [away])
    const plan = await preview({ meetingId: meeting.id, change: { startTime: office.time(90) } })
    expect(plan.summary).toEqual({ occurrences: 60, ok: 0, conflicts: 60, repaired: 60 })
  })
})

test('Promise 8, repairs: what a preview suggests is never refused when it is committed at once', async () => {
  const { office, other, preview, commit, daily, occurrences } = desk
  const seed = randomBytes(4).toString('hex')
  const random = createRandom(seed)
  let repaired = 0
  for (let round = 0; round < 12; round++) {
    await office.query('UPDATE room SET is_active = false')
    const rules = () => ({
      ...(random.chance(0.5) && { bufferBeforeMinutes: 15 * random.between(0, 2) }),
      ...(random.chance(0.5) && { bufferAfterMinutes: 15 * random.between(0, 2) }),
      ...(random.chance(0.2) && { horizonDays: random.between(2, 9) }),
    })
    const rooms = await Promise.all(
      Array.from({ length: random.between(1, 3) }, () => office.roomWith(rules(), { capacity: random.between(1, 4) })),
    )
    const participants = Array.from({ length: random.between(0, 2) }, (_, i) => ({ email: `p${i}@x.org` }))
    for (let i = 0; i < 14; i++) {
      const from = 15 * random.between(0, 40) + DAY * random.between(0, 6)
      const body = { startTime: office.time(from + 60), endTime: office.time(from + 60 + 15 * random.between(1, 8)) }
      await office.book({ title: 'x', timezone: 'UTC', roomIds: [random.pick(rooms)], ...body }, other)
    }
    if (random.chance(0.2)) await office.query('UPDATE room SET is_active = false WHERE id = $1', [random.pick(rooms)])
    const wanted = random.shuffled(rooms).slice(0, random.between(1, 2))
    const from = 60 + 15 * random.between(0, 40)
    const rrule = `FREQ=DAILY;COUNT=${random.between(3, 9)}`
    const plan = await preview(daily(wanted, from, 2, { recurrencePattern: { rrule }, participants }))
    const planned = plan.occurrences as Planned[]
    if (plan.summary.conflicts !== plan.summary.repaired) continue
    repaired += plan.summary.repaired
    const done = await commit(plan.planId)
    expect([seed, round, done.status, done.body.code]).toEqual([seed, round, 201, undefined])
    const live = await occurrences(done.body.meeting.id)
    const expected = planned.filter(({ repair }) => repair?.kind !== 'skip')
    expect(
      new Map(
        live.map((one: { recurrenceId: string; startTime: string; roomIds: string[] }) => [
          one.recurrenceId,
          [one.startTime, one.roomIds],
        ]),
      ),
    ).toEqual(
      new Map(
        expected.map(({ recurrenceId, start, repair }) => [
          recurrenceId,
          [repair?.start ?? start, repair?.roomIds ?? wanted],
        ]),
      ),
    )
  }
  console.log(`seed ${seed}: ${repaired} repairs`)
  expect(repaired).toBeGreaterThan(5)
})
