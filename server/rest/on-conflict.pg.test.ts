import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectStatus } from '../../testkit/booking-office.ts'
import { type PlanDesk, openPlanDesk } from '../../testkit/plan-desk.ts'

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

const HORIZON = 'This room can be booked at most 3 days ahead.'
const dates = (items: { recurrenceId: string }[]) => items.map(({ recurrenceId }) => recurrenceId.slice(6, 8))

describe('onConflict "skip"', () => {
  test('leaves out what a room’s rules forbid like what is taken, and says why', async () => {
    const { office, mine, daily, taken, occurrences } = desk
    const room = await office.roomWith({ horizonDays: 3 })
    await taken(room, 60 + DAY, 120 + DAY)
    const body = daily([room], 60, 5, { onConflict: 'skip' })
    const { meeting, allocations, warnings } = expectStatus(await office.book(body, mine), 201).body
    expect(warnings).toEqual([
      `Occurrence 20261126T100000 was left out. ${HORIZON}`,
      `Occurrence 20261127T100000 was left out. ${HORIZON}`,
      'Occurrence 20261124T100000 was left out: a room is taken then.',
    ])
    expect(dates(allocations)).toEqual(['23', '25'])
    expect(dates(await occurrences(meeting.id))).toEqual(['23', '25'])
    expect(dates(await occurrences(meeting.id, '&status=cancelled'))).toEqual(['24', '26', '27'])
    const claims = 'SELECT DISTINCT recurrence_id FROM allocation WHERE meeting_id = $1'
    expect(await office.query(claims, [meeting.id])).toHaveLength(2)
    expect((await office.news(`meeting:${meeting.id}`)).map(({ seq }) => seq)).toEqual([1])
  })

  test('refuses what would leave nothing, by rules and bookings together too, and writes nothing', async () => {
    const { office, mine, daily, taken } = desk
    const [room, shut] = [await office.roomWith({ horizonDays: 3 }), await office.roomWith()]
    await office.query('UPDATE room SET is_active = false WHERE id = $1', [shut])
    await taken(room, 60 + 2 * DAY, 120 + 2 * DAY)
    const before = { ...(await office.counts()) }
    const late = daily([room], 60 + 2 * DAY, 3, { onConflict: 'skip' })
    expect(await office.book(late, mine)).toMatchObject({ status: 409, body: { code: 'slot_conflict' } })
    const later = daily([room], 60 + 4 * DAY, 1, { onConflict: 'skip' })
    for (const recurrencePattern of [later.recurrencePattern, null]) {
      const refused = await office.book({ ...later, recurrencePattern }, mine)
      expect(refused).toMatchObject({ status: 409, body: { code: 'rule_violation' } })
    }
    const closed = await office.book(daily([shut], 60, 3, { onConflict: 'skip' }), mine)
    expect(closed).toMatchObject({
      status: 409,
      body: { code: 'rule_violation', conflicts: [{ kind: 'blackout' }, { kind: 'blackout' }, { kind: 'blackout' }] },
    })
    expect({ ...(await office.counts()) }).toEqual(before)
  })

  test('of a change, of all or of what follows, leaves out as well; one occurrence is refused', async () => {
    const { office, mine, daily, occurrences } = desk
    const [room, near] = [await office.roomWith(), await office.roomWith({ horizonDays: 3 })]
    const { meeting } = expectStatus(await office.book(daily([room], 60, 5), mine), 201).body
    const patch = (scope: string, body: object) =>
      office.api.call('PATCH', `/meetings/${meeting.id}${scope}`, {
        token: mine,
        body: { ...body, onConflict: 'skip' },
      })
    const one = await patch('?scope=this&recurrenceId=20261127T100000', { roomIds: [near] })
    expect(one).toMatchObject({ status: 409, body: { code: 'rule_violation' } })
    expect(await occurrences(meeting.id)).toHaveLength(5)

    const split = expectStatus(await patch('?scope=following&recurrenceId=20261125T100000', { roomIds: [near] }), 201)
    expect(split.body.warnings).toHaveLength(2)
    expect(dates(await occurrences(split.body.id))).toEqual(['25'])
    const claims = 'SELECT resource_id, recurrence_id FROM allocation WHERE meeting_id = $1 AND exclusive'
    expect(await office.query(claims, [split.body.id])).toMatchObject([{ resource_id: near }])

    const strict = await office.roomWith({ horizonDays: 1 })
    const all = expectStatus(await patch('', { roomIds: [strict] }), 200)
    expect(all.body.warnings).toEqual([expect.stringContaining('20261124T100000 was left out.')])
    expect(dates(await occurrences(meeting.id))).toEqual(['23'])
    expect(await office.query(claims, [meeting.id])).toMatchObject([{ resource_id: strict }])
  })
})

test('onConflict "alternate_room" finds other rooms also for what is forbidden, closed or too small', async () => {
  const { office, mine, daily, occurrences } = desk
  const room = await office.roomWith({ horizonDays: 3 })
  const spare = await office.roomWith({}, { capacity: 3 })
  const roomsOf = async (body: object) => {
    const { meeting } = expectStatus(await office.book({ ...body, onConflict: 'alternate_room' }, mine), 201).body
    const found = (await occurrences(meeting.id)).map((one: { roomIds: string[] }) => one.roomIds[0])
    expectStatus(await office.api.call('DELETE', `/meetings/${meeting.id}`, { token: mine }), 204)
    return found
  }
  expect(await roomsOf(daily([room], 60, 4))).toEqual([room, room, room, spare])
  const small = await office.roomWith({}, { capacity: 2 })
  const participants = [{ email: 'a@x.org' }, { email: 'b@x.org' }]
  await office.query('UPDATE room SET is_active = false WHERE id = $1', [room])
  expect(await roomsOf(daily([small], 60, 2, { participants }))).toEqual([spare, spare])
  await office.query('UPDATE room SET is_active = false WHERE id = $1', [small])
  expect(await roomsOf(daily([small], 60, 2))).toEqual([spare, spare])
  expect(await roomsOf({ ...daily([small], 60, 1), recurrencePattern: null })).toEqual([spare])
  await office.query('UPDATE room SET is_active = false WHERE id = $1', [spare])
  const refused = await office.book(daily([small], 60, 2, { onConflict: 'alternate_room' }), mine)
  expect(refused).toMatchObject({ status: 409, body: { code: 'rule_violation' } })
})
