import { afterAll, beforeAll, expect, test } from 'vitest'
import { err, ok } from '../../domain/result.ts'
import { refuse } from '../../domain/refusals.ts'
import { type BookingOffice, openBookingOffice } from '../../testkit/booking-office.ts'
import { type TestGraph, openTestGraph } from '../../testkit/graph.ts'
import type { FollowTopic, LiveItem } from './deps.ts'

const [EARLY, NOON, LATE, EVENING] = [9, 12, 13, 18].map((hour) => `2026-11-24T${String(hour).padStart(2, '0')}:00:00Z`)
const at = '2026-11-23T09:00:00Z'

let office: BookingOffice
let graph: TestGraph
beforeAll(async () => {
  office = await openBookingOffice()
  graph = openTestGraph(office.api, { follow: said })
})
afterAll(() => office[Symbol.asyncDispose]())

const held = (id: string, start: string | undefined) => ({ id, resourceIds: [], start, end: LATE, expiresAt: at })
/** What is said of every topic, and then it ends. */
const said: FollowTopic = async (_, { topic }) => {
  if (topic.endsWith('-000000000000')) return err(refuse('not_found'))
  const item = (seq: number, type: string, data: object): LiveItem => ({ topic, epoch: 1, seq, type, at, data })
  const items = [
    item(1, 'snapshot', { holds: [held('morning', EARLY), held('noon', NOON)] }),
    item(2, 'hold.placed', { ...held('outside', EARLY), end: EARLY }),
    item(3, 'hold.renewed', held('noon', NOON)),
    item(4, 'hold.expired', held('morning', EARLY)),
    item(5, 'hold.changed', held('noon', NOON)),
  ]
  return ok(
    (async function* read() {
      yield* items
    })(),
  )
}

async function ask(query: string, variables: object = {}) {
  const answer = await graph.request({
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${office.token}` },
    body: JSON.stringify({ query, variables }),
  })
  return JSON.parse(await answer.text())
}

test('holds are placed, renewed, converted and released like over REST', async () => {
  const room = await office.room()
  const place = `mutation ($input: PlaceHoldInput!) { placeHold(input: $input) { id resourceIds expiresAt renewalsLeft } }`
  const input = { resourceIds: [room], start: NOON, end: LATE, ttlSeconds: 60 }
  const { placeHold } = (await ask(place, { input })).data
  expect(placeHold).toMatchObject({ resourceIds: [room], expiresAt: '2026-11-23T09:01:00Z', renewalsLeft: 2 })
  const renewed = await ask(`mutation { renewHold(id: "${placeHold.id}") { expiresAt } }`)
  expect(renewed.data.renewHold).toEqual({ expiresAt: '2026-11-23T09:05:00Z' })
  expect((await ask('{ ownHolds { id } }')).data.ownHolds).toEqual([{ id: placeHold.id }])
  const convert = `mutation { convertHold(id: "${placeHold.id}", input: { title: "Held", timezone: "UTC" }) {
    __typename ... on Booked { meeting { startTime } allocations { resourceId } } } }`
  expect((await ask(convert)).data.convertHold).toEqual({
    ...{ __typename: 'Booked', meeting: { startTime: NOON }, allocations: [{ resourceId: room }] },
  })
  expect((await ask(convert)).errors[0].extensions).toMatchObject({ code: 'not_found' })
  const refused = await ask(place, { input })
  expect(refused.errors[0].extensions).toMatchObject({ code: 'slot_conflict', conflicts: [{ resourceId: room }] })
  const other = (await ask(place, { input: { ...input, start: LATE, end: EVENING } })).data.placeHold
  expect((await ask(`mutation { releaseHold(id: "${other.id}") }`)).data).toEqual({ releaseHold: other.id })
})

test('a subscription shows what holds in its window, then what comes and goes', async () => {
  const answer = await graph.request({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${office.token}`,
    },
    body: JSON.stringify({
      query: `subscription ($ids: [ID!]!) { holds(resourceIds: $ids, window: { from: "${EARLY}", to: "${EVENING}" }) {
        topic seq type resourceId holds { id } ended } }`,
      variables: { ids: ['01900000-0000-7000-8000-000000000001'] },
    }),
  })
  const events = [...(await answer.text()).matchAll(/^data: ?(\{.*\})$/gm)]
  // The last word says that the topic was closed.
  const items = events.slice(0, 5).map(([, json]) => JSON.parse(json as string).data.holds)
  const resourceId = '01900000-0000-7000-8000-000000000001'
  const common = { topic: `holds:${resourceId}`, resourceId }
  expect(items).toEqual([
    { ...common, seq: 1, type: 'snapshot', holds: [{ id: 'morning' }, { id: 'noon' }], ended: null },
    { ...common, seq: 2, type: 'hold.placed', holds: [], ended: null },
    { ...common, seq: 3, type: 'hold.renewed', holds: [{ id: 'noon' }], ended: null },
    { ...common, seq: 4, type: 'hold.expired', holds: [], ended: 'morning' },
    { ...common, seq: 5, type: 'hold.changed', holds: [{ id: 'noon' }], ended: null },
  ])
})

test('a subscription of a window that ends before it begins is refused', async () => {
  const window = { from: EVENING, to: EARLY }
  const answer = await graph.request({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${office.token}`,
    },
    body: JSON.stringify({
      query: `subscription ($window: HoldsWindow!) {
        holds(resourceIds: ["01900000-0000-7000-8000-000000000001"], window: $window) { seq } }`,
      variables: { window },
    }),
  })
  const [, json] = /^data: ?(\{.*\})$/m.exec(await answer.text()) ?? []
  expect(JSON.parse(json ?? '{}').errors[0].extensions).toMatchObject({
    code: 'invalid_time',
    errors: [{ pointer: '/to', detail: 'must be after from' }],
  })
})
