import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { type TestGraph, openTestGraph } from '../../testkit/graph.ts'

interface Seen {
  id: string
  meetingId: string
  response: string
  busy: boolean
}

const DAY = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' }

let office: BookingOffice
let graph: TestGraph
beforeAll(async () => {
  office = await openBookingOffice()
  graph = openTestGraph(office.api)
})
afterAll(() => office[Symbol.asyncDispose]())

test('an entry of a calendar says what the person has answered, as over REST', async () => {
  const ann = await office.person('member')
  const room = await office.room()
  const ids: string[] = []
  for (const response of ['tentative', 'declined']) {
    const booked = await office.book({
      ...MEETING,
      participants: [{ userId: ann.id }],
      roomIds: ids.length ? [] : [room],
    })
    const { id } = expectStatus(booked, 201).body.meeting
    const said = { token: ann.token, body: { response } }
    expectStatus(await office.api.call('POST', `/meetings/${id}/rsvp`, said), 200)
    ids.push(id)
  }
  const asked = `query ($user: ID!, $room: ID!, $from: DateTime!, $to: DateTime!) {
    calendarOf(userId: $user, from: $from, to: $to) { items { id meetingId response busy } }
    overlay(userIds: [$user], roomIds: [$room], from: $from, to: $to) { items { items { meetingId response } } }
  }`
  const answer = await graph.ask(ann.token, asked, { user: ann.id, room, ...DAY })
  expect(answer.errors).toBeUndefined()
  const rest = await office.get(`/users/${ann.id}/calendar?from=${DAY.from}&to=${DAY.to}`, ann.token)
  const { items } = answer.data.calendarOf
  expect(items).toEqual(
    rest.body.items.map(({ id, meetingId, response, busy }: Seen) => ({
      id,
      meetingId,
      response,
      busy,
    })),
  )
  const answered = new Map(items.map((item: Seen) => [item.meetingId, [item.response, item.busy]]))
  expect(ids.map((id) => answered.get(id))).toEqual([
    ['tentative', true],
    ['declined', false],
  ])
  expect(answer.data.overlay.items[1].items).toEqual([{ meetingId: ids[0], response: null }])
})
