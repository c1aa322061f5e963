import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
  test('says of each occurrence what is in the way and what would work, and its commit does exactly that', async () => {
    const { office, other, preview, commit, daily, taken, occurrences } = desk
    const wall = { equipment: [`wall ${Date.now()}`] }
    const room = await office.roomWith({}, { name: 'Canyon', ...wall })
    const spare = await office.roomWith({}, { name: 'Delta', ...wall })
    await taken(room, 60 + DAY, 120 + DAY)
    await taken(room, 60 + 2 * DAY, 120 + 2 * DAY)
    await taken(spare, 60 + 2 * DAY, 120 + 2 * DAY)
    const before = await office.counts()
    const plan = await preview(daily([room], 60, 4))
    expect({ ...(await office.counts()) }).toEqual(before)
    expect(plan.summary).toEqual({ occurrences: 4, ok: 2, conflicts: 2, repaired: 2 })
    const [first, second, third] = plan.occurrences as [Planned, Planned, Planned]
    expect(first).toEqual({
      ...{
        recurrenceId: '20261123T100000',
        start: office.time(60),
        end: office.time(120),
        verdict: 'ok',
        conflicts: [],
      },
    })
    expect(second).toMatchObject({
      verdict: 'conflict',
      conflicts: [{ resourceId: room, kind: 'booking', start: office.time(60 + DAY), end: office.time(120 + DAY) }],
      repair: { kind: 'other_room', roomIds: [spare], reasons: ['Delta is free at that time.', 'Seats 10 for 1.'] },
      alternatives: [{ kind: 'other_time', start: office.time(120 + DAY) }, { kind: 'skip' }],
    })
    expect(third.repair).toMatchObject({ kind: 'other_time', start: office.time(120 + 2 * DAY) })

    expect(await commit(plan.planId, undefined, other)).toMatchObject({ status: 404 })
    const done = expectStatus(await commit(plan.planId), 201)
    const { meeting, warnings } = done.body
    expect(warnings).toEqual([
      'Occurrence 20261124T100000 has another room. Delta is free at that time. Seats 10 for 1.',
      'Occurrence 20261125T100000 is at another time. Canyon is free 60 minutes later, on the same day.',
    ])
    const held = await occurrences(meeting.id)
    expect(
      held.map((one: { recurrenceId: string; startTime: string; roomIds: string[] }) => [one.startTime, one.roomIds]),
    ).toEqual([
      [office.time(60), [room]],
      [office.time(60 + DAY), [spare]],
      [office.time(120 + 2 * DAY), [room]],
      [office.time(60 + 3 * DAY), [room]],
    ])
    expect(await commit(plan.planId)).toMatchObject({ status: 404 })
  })

  test('lets each repair be chosen; one that was not proposed is refused', async () => {
    const { office, preview, commit, daily, taken, occurrences } = desk
    const room = await office.roomWith()
    await taken(room, 60 + DAY, 120 + DAY)
    const plan = await preview(daily([room], 60, 3))
    expect(await commit(plan.planId, 'none')).toMatchObject({
      status: 409,
      body: { code: 'slot_conflict', conflicts: [{ recurrenceId: '20261124T100000' }] },
    })
    for (const repairs of [{ '20261124T100000': 'other_room' }, { '20261123T100000': 'skip' }]) {
      expect(await commit(plan.planId, repairs)).toMatchObject({ status: 422, body: { code: 'invalid_input' } })
    }
    const done = expectStatus(await commit(plan.planId, { '20261124T100000': 'skip' }), 201)
    expect(done.body.warnings).toHaveLength(1)
    expect(await occurrences(done.body.meeting.id)).toHaveLength(2)
    expect(await occurrences(done.body.meeting.id, '&status=cancelled')).toHaveLength(1)
  })

  test('is stale when somebody was quicker, when the meeting has changed, and after ten minutes', async () => {
    const { office, mine, preview, commit, daily, taken } = desk
    const room = await office.roomWith()
    const plan = await preview(daily([room], 60, 3))
    await taken(room, 60, 120)
    expect(await commit(plan.planId)).toMatchObject({
      status: 409,
      body: { code: 'stale_plan', conflicts: [{ resourceId: room, kind: 'booking' }] },
    })
    const lapsing = await preview(daily([room], 300, 3))
    office.at(10)
    expect(await commit(lapsing.planId)).toMatchObject({ status: 409, body: { code: 'stale_plan' } })
    const { meeting } = expectStatus(await office.book(daily([room], 300, 3), mine), 201).body
    const change = await preview({ meetingId: meeting.id, change: { startTime: office.time(330) } })
    expectStatus(await office.put(meeting.id, { title: 'Changed', version: 1 }, mine), 200)
    expect(await commit(change.planId)).toMatchObject({ status: 409, body: { code: 'stale_plan' } })
  })

  test('knows what rules forbid, own holds, and what the change itself gives back', async () => {
    const { office, mine, other, post, preview, commit, daily, taken, occurrences } = desk
    const room = await office.roomWith({ horizonDays: 2 })
    const free = await office.roomWith()
    const plan = await preview(daily([room], 60, 4))
    expect(plan.occurrences.map((one: Planned) => one.conflicts.map(({ kind }) => kind))).toEqual([
      [],
      [],
      ['rule'],
      ['rule'],
    ])
    expect(plan.occurrences[3].repair).toMatchObject({ kind: 'other_room', roomIds: [free] })
    expectStatus(await commit(plan.planId), 201)

    const span = { start: office.time(300), end: office.time(360) }
    expectStatus(await post('/holds', { resourceIds: [free], ...span }), 201)
    const seen = async (token: string) => (await preview(daily([free], 300, 1), token)).occurrences[0]
    expect((await seen(mine)).verdict).toBe('ok')
    expect((await seen(other)).conflicts).toMatchObject([{ kind: 'hold' }])

    // Half an hour later everything overlaps what it had before.
    const { meeting } = expectStatus(await office.book(daily([free], 600, 3), mine), 201).body
    await taken(free, 660 + DAY, 690 + DAY)
    const change = await preview({ meetingId: meeting.id, change: { startTime: office.time(630) } })
    expect(change.summary).toEqual({ occurrences: 3, ok: 2, conflicts: 1, repaired: 1 })
    const done = expectStatus(await commit(change.planId), 200)
    expect(done.body).toMatchObject({ id: meeting.id, startTime: office.time(630), version: 2 })
    expect(done.body.warnings).toEqual([expect.stringContaining('has another room')])
    const roomIds = (await occurrences(meeting.id)).map((one: { roomIds: string[] }) => one.roomIds)
    expect(roomIds).toEqual([[free], [room], [free]])
    // One occurrence, and one with all that follow.
    const [, , last] = await occurrences(meeting.id)
    const moved = await preview({
      ...{ meetingId: meeting.id, scope: 'following', recurrenceId: last.recurrenceId },
      change: { startTime: office.time(700 + 2 * DAY) },
    })
    const split = expectStatus(await commit(moved.planId), 201).body
    expect(split).toMatchObject({ splitFrom: { meetingId: meeting.id }, startTime: office.time(700 + 2 * DAY) })
  })

  test('of a meeting without a live occurrence is committed like any other', async () => {
    const { office, mine, preview, commit, daily, occurrences } = desk
    const [room, other] = [await office.roomWith(), await office.roomWith()]
    const { meeting } = expectStatus(await office.book(daily([room], 60, 2), mine), 201).body
    for (const { recurrenceId } of await occurrences(meeting.id)) {
      const path = `/meetings/${meeting.id}?scope=this&recurrenceId=${recurrenceId}`
      expectStatus(await office.api.call('DELETE', path, { token: mine }), 204)
    }
    const plan = await preview({ meetingId: meeting.id, change: { title: 'Empty', roomIds: [other] } })
    expect(plan.summary).toEqual({ occurrences: 0, ok: 0, conflicts: 0, repaired: 0 })
    expectStatus(await commit(plan.planId), 200)
  })

  test('of what is refused as a whole is refused like it', async () => {
    const { office, post, daily } = desk
    const room = await office.room()
    const scoped = await post('/meetings/preview', { meetingId: room, scope: 'this', change: {} })
    expect(scoped).toMatchObject({ status: 422, body: { errors: [{ pointer: '/recurrenceId' }] } })
    expect((await post('/meetings/preview', daily([room], 60, 2, { timezone: 'Mars' }))).status).toBe(422)
    expect((await post('/meetings/preview', { meetingId: room, change: {} })).status).toBe(404)
    expect((await post('/meetings/preview', {}, (await office.person('auditor')).token)).status).toBe(403)
  })
})

describe('onConflict: "alternate_room"', () => {
  test('gives another fitting room to the occurrences whose room is taken, once for one key', async () => {
    const { office, mine, daily, taken, occurrences } = desk
    const room = await office.roomWith({}, { name: 'Echo' })
    const spare = await office.roomWith({}, { name: 'Foxtrot' })
    await taken(room, 60 + DAY, 120 + DAY)
    const body = daily([room], 60, 3, { onConflict: 'alternate_room' })
    const headers = { 'idempotency-key': 'alternate' }
    const booked = expectStatus(await office.book(body, mine, headers), 201).body
    expect(booked.warnings).toEqual([
      'Occurrence 20261124T100000 has another room. Foxtrot is free at that time. Seats 10 for 1.',
    ])
    expect((await office.book(body, mine, headers)).body).toEqual(booked)
    expect((await occurrences(booked.meeting.id)).map((one: { roomIds: string[] }) => one.roomIds)).toEqual([
      [room],
      [spare],
      [room],
    ])
    // A single meeting simply has the other room.
    const single = expectStatus(await office.book({ ...body, recurrencePattern: null }, mine), 201).body
    expect(single.meeting.roomIds).toEqual([spare])
    const refused = await office.book({ ...body, recurrencePattern: null }, mine)
    expect(refused).toMatchObject({ status: 409, body: { code: 'slot_conflict' } })
  })

  test('also when a meeting is changed', async () => {
    const { office, mine, daily, taken, occurrences } = desk
    const [room, spare] = [await office.roomWith(), await office.roomWith()]
    await taken(room, 300 + DAY, 360 + DAY)
    const { meeting } = expectStatus(await office.book(daily([room], 60, 3), mine), 201).body
    const change = { startTime: office.time(300), version: 1, onConflict: 'alternate_room' }
    const changed = expectStatus(await office.put(meeting.id, change, mine), 200).body
    expect(changed.warnings).toHaveLength(1)
    expect((await occurrences(meeting.id)).map((one: { roomIds: string[] }) => one.roomIds)).toEqual([
      [room],
      [spare],
      [room],
    ])
  })
})

test('conflicts of every kind are named, for rooms and people', async () => {
  const { office, mine, other, post, taken } = desk
  const [booked, held, strict, closed] = await Promise.all([
    ...[office.roomWith(), office.roomWith(), office.roomWith({ maxDurationMinutes: 30 }), office.roomWith()],
  ])
  await taken(booked as string, 60, 120)
  await office.query('UPDATE room SET is_active = false WHERE id = $1', [closed])
  const span = { start: office.time(60), end: office.time(120) }
  expectStatus(await post('/holds', { resourceIds: [held], ...span }, other), 201)
  const [away, elsewhere] = [(await office.person('auditor')).id, (await office.person('guest')).id]
  const absence = [{ start: Date.parse(office.time(0)), end: Date.parse(office.time(90)) }]
  await office.query('UPDATE users SET absences = $2 WHERE id = $1', [away, JSON.stringify(absence)])
  const integration = away
  await office.query(
    `INSERT INTO calendar_integration (organization_id, id, user_id, provider, name, host, sealed_url, url_digest, created_at, next_attempt_at)
     VALUES ($1, $2, $3, 'ics', 'x', 'x', '\\x00', '\\x00', now(), now())`,
    [office.organizationId, integration, elsewhere],
  )
  await office.query(
    `INSERT INTO external_event (organization_id, id, user_id, integration_id, uid, recurrence_id, starts_at, ends_at, all_day, busy, status, summary)
     VALUES ($1, $2, $3, $2, 'x', '20261124T090000', $4, $5, false, true, 'confirmed', 'secret')`,
    [office.organizationId, integration, elsewhere, office.time(90), office.time(150)],
  )
  const ids = `roomIds=${[booked, held, strict, closed].join()}&participantIds=${[away, elsewhere].join()}`
  const ask = async (token: string) => {
    const path = `/meetings/conflicts?startTime=${span.start}&endTime=${span.end}&${ids}`
    const { conflicts } = (await office.get(path, token)).body
    return new Map(conflicts.map((one: { resourceId: string; kind: string }) => [one.resourceId, one.kind]))
  }
  const expected: [string | undefined, string][] = [
    ...[[booked, 'booking'] as const, [held, 'hold'] as const, [strict, 'rule'] as const],
    ...[[closed, 'blackout'] as const, [away, 'blackout'] as const, [elsewhere, 'external'] as const],
  ].map(([id, kind]) => [id, kind])
  expect(await ask(mine)).toEqual(new Map(expected))
  // His own hold is in nobody's way but others'.
  expect(await ask(other)).toEqual(new Map(expected.filter(([id]) => id !== held)))
})
