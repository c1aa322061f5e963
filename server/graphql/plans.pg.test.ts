import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BookingOffice, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { type TestGraph, openTestGraph } from '../../testkit/graph.ts'

const PREVIEW = `mutation ($book: BookMeetingInput, $change: PlannedChangeInput) {
  previewMeeting(book: $book, change: $change) {
    planId expiresAt summary { occurrences ok conflicts repaired }
    occurrences { recurrenceId start verdict conflicts { resourceId kind detail } repair { kind roomIds start reasons } alternatives { kind } } } }`
const COMMIT = `mutation ($planId: ID!, $repairs: PlanRepairs, $choices: [RepairChoiceInput!]) {
  commitMeeting(planId: $planId, repairs: $repairs, choices: $choices) {
    __typename
    ... on Booked { meeting { id version } occurrence { recurrenceId startTime } allocations { resourceId recurrenceId } warnings }
    ... on SlotConflict { code conflicts { recurrenceId } }
    ... on StalePlan { code detail conflicts { resourceId kind } } } }`

let office: BookingOffice
let graph: TestGraph
let token: string
beforeAll(async () => {
  office = await openBookingOffice()
  graph = openTestGraph(office.api)
  token = (await office.person('member')).token
})
afterAll(() => office[Symbol.asyncDispose]())

const daily = (room: string, hour: number, count = 3) => ({
  ...{ title: 'Daily', timezone: 'UTC', roomIds: [room], recurrencePattern: { rrule: `FREQ=DAILY;COUNT=${count}` } },
  ...{ startTime: `2026-11-24T${hour}:00:00Z`, endTime: `2026-11-24T${hour + 1}:00:00Z` },
})
const take = async (room: string, day: number, hour: number) => {
  const at = (h: number) => `2026-11-${day}T${h}:00:00Z`
  const span = { startTime: at(hour), endTime: at(hour + 1), timezone: 'UTC', roomIds: [room] }
  expectStatus(await office.book(span), 201)
}
const preview = async (variables: object) => (await graph.ask(token, PREVIEW, variables)).data.previewMeeting
const commit = async (planId: string, given: object = {}) =>
  (await graph.ask(token, COMMIT, { planId, ...given })).data.commitMeeting

test('a booking is previewed, and committed with its repairs, like over REST', async () => {
  await office.query('UPDATE room SET is_active = false')
  const room = await office.room()
  await take(room, 25, 12)
  const plan = await preview({ book: daily(room, 12) })
  expect(plan.summary).toEqual({ occurrences: 3, ok: 2, conflicts: 1, repaired: 1 })
  expect(plan.occurrences[1]).toEqual({
    ...{ recurrenceId: '20261125T120000', start: '2026-11-25T12:00:00Z', verdict: 'conflict' },
    conflicts: [{ resourceId: room, kind: 'booking', detail: null }],
    repair: {
      ...{ kind: 'other_time', roomIds: null, start: '2026-11-25T13:00:00Z' },
      reasons: [expect.stringContaining('60 minutes later')],
    },
    alternatives: [{ kind: 'skip' }],
  })
  expect(await commit(plan.planId, { repairs: 'none' })).toEqual({
    ...{ __typename: 'SlotConflict', code: 'slot_conflict', conflicts: [{ recurrenceId: '20261125T120000' }] },
  })
  const choices = [{ recurrenceId: '20261125T120000', kind: 'skip' }]
  for (const wrong of [
    { repairs: 'none', choices },
    { choices: [...choices, ...choices] },
    { choices: [{ recurrenceId: '20261124T120000', kind: 'skip' }] },
  ]) {
    const refused = await graph.ask(token, COMMIT, { planId: plan.planId, ...wrong })
    expect(refused.errors?.[0].extensions).toMatchObject({ code: 'invalid_input' })
  }
  const booked = await commit(plan.planId, { choices })
  expect(booked).toMatchObject({ __typename: 'Booked', occurrence: null, warnings: [expect.any(String)] })
  expect(booked.allocations.map((one: { recurrenceId: string }) => one.recurrenceId)).toEqual([
    ...['20261124T120000', '20261126T120000'],
  ])
  const gone = await graph.ask(token, COMMIT, { planId: plan.planId })
  expect(gone.errors?.[0].extensions).toMatchObject({ code: 'not_found' })
})

test('who was too late gets a StalePlan that says what is in the way', async () => {
  const room = await office.room()
  const { planId } = await preview({ book: daily(room, 14) })
  await take(room, 24, 14)
  expect(await commit(planId)).toMatchObject({
    ...{ __typename: 'StalePlan', code: 'stale_plan', conflicts: [{ resourceId: room, kind: 'booking' }] },
  })
})

test('a change of one occurrence answers with that occurrence, and with StalePlan once the meeting has changed', async () => {
  const { meeting } = expectStatus(await office.book(daily(await office.room(), 16), token), 201).body
  const change = {
    ...{ meetingId: meeting.id, scope: 'this', recurrenceId: '20261125T160000' },
    change: { startTime: '2026-11-25T17:00:00Z' },
  }
  const [first, second] = [await preview({ change }), await preview({ change })]
  expect(await commit(first.planId)).toMatchObject({
    ...{ __typename: 'Booked', meeting: { version: 2 }, allocations: [] },
    occurrence: { recurrenceId: '20261125T160000', startTime: '2026-11-25T17:00:00Z' },
  })
  expect(await commit(second.planId)).toMatchObject({ __typename: 'StalePlan' })
})

test('takes either a booking or a change, from who may do it', async () => {
  const refusal = async (by: string, variables: object) =>
    (await graph.ask(by, PREVIEW, variables)).errors?.[0].extensions.code
  const book = daily(await office.room(), 18)
  const change = { meetingId: '01900000-0000-7000-8000-000000000000', change: { title: 'X' } }
  expect(await refusal(token, {})).toBe('invalid_input')
  expect(await refusal(token, { book, change })).toBe('invalid_input')
  expect(await refusal(token, { change })).toBe('not_found')
  expect(await refusal((await office.person('auditor')).token, { book })).toBe('forbidden')
})

test('what would be in the way is asked like over REST, and a wrong id is not found', async () => {
  const [room, free] = [await office.room(), await office.room()]
  await take(room, 27, 12)
  const CONFLICTS = `query ($ids: [ID!], $endTime: DateTime!) {
    conflicts(roomIds: $ids, startTime: "2026-11-27T12:00:00Z", endTime: $endTime) { resourceId kind start end } }`
  const ask = (ids: string[], endTime = '2026-11-27T12:30:00Z') => graph.ask(token, CONFLICTS, { ids, endTime })
  expect((await ask([room, free])).data.conflicts).toEqual([
    { resourceId: room, kind: 'booking', start: '2026-11-27T12:00:00Z', end: '2026-11-27T13:00:00Z' },
  ])
  const person = (await office.person('guest')).id
  expect((await ask([room, person])).errors?.[0].extensions).toMatchObject({ code: 'not_found' })
  const backwards = await ask([room], '2026-11-27T12:00:00Z')
  expect(backwards.errors?.[0].extensions).toMatchObject({ code: 'invalid_time' })
})
