import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { type TestGraph, countStatements, openTestGraph } from '../../testkit/graph.ts'

let office: BookingOffice
let graph: TestGraph
beforeAll(async () => {
  office = await openBookingOffice()
  graph = openTestGraph(office.api)
})
afterAll(() => office[Symbol.asyncDispose]())

const ask = (query: string, variables: object = {}, by = office.token) => graph.ask(by, query, variables)

/** The data of an answer without errors. */
async function data(query: string, variables: object = {}, by = office.token) {
  const answer = await ask(query, variables, by)
  if (answer.data === undefined || answer.errors !== undefined) throw new Error(answer.text)
  return answer.data
}

const BOOK = `mutation ($input: BookMeetingInput!) {
  bookMeeting(input: $input) {
    __typename
    ... on Booked { meeting { id title status version room { name } participants { user { email } } } allocations { resourceId } warnings }
    ... on SlotConflict { code detail conflicts { resourceId kind start end } suggestions { start roomIds reasons } }
    ... on RuleViolation { code detail }
    ... on StalePlan { code }
    ... on NotAllowed { code }
  }
}`

describe('queries', () => {
  test('answer who asks, people, rooms and places as REST does', async () => {
    const roomId = await office.room({ name: 'Ada', capacity: 4 })
    const member = await office.person('member')
    const found = await data(
      `query ($room: ID!, $user: ID!) {
        viewer { id role }
        user(id: $user) { email role }
        users(q: "p", role: member) { edges { node { id } } pageInfo { hasNextPage } }
        room(id: $room) { name capacity floor { name building { name } } bookingRules { horizonDays } }
        rooms(capacity: 3) { edges { cursor node { id name } } }
        floors { id } buildings { id } agenda { title }
      }`,
      { room: roomId, user: member.id },
    )
    expect(found).toMatchObject({
      viewer: { id: office.owner.user.id, role: 'owner' },
      user: { email: member.email, role: 'member' },
      users: { edges: [{ node: { id: member.id } }], pageInfo: { hasNextPage: false } },
      room: { name: 'Ada', capacity: 4, floor: null, bookingRules: { horizonDays: null } },
      floors: [],
      buildings: [],
    })
    expect(found.rooms.edges.map((edge: { node: { id: string } }) => edge.node.id)).toContain(roomId)
  })

  test('go page by page in the order of REST, with its cursors', async () => {
    const { accessToken: by } = await office.api.register()
    for (const name of ['c', 'a', 'b']) await office.room({ name }, by)
    const page = `query ($after: String) { rooms(first: 2, after: $after) { edges { node { name } } pageInfo { hasNextPage endCursor } } }`
    const first = (await data(page, {}, by)).rooms
    expect(first).toMatchObject({
      edges: [{ node: { name: 'a' } }, { node: { name: 'b' } }],
      pageInfo: { hasNextPage: true },
    })
    const rest = await office.get(`/rooms?limit=2`, by)
    expect(rest.body.nextCursor).toBe(first.pageInfo.endCursor)
    const second = (await data(page, { after: first.pageInfo.endCursor }, by)).rooms
    expect(second).toMatchObject({ edges: [{ node: { name: 'c' } }], pageInfo: { hasNextPage: false } })
    expect((await ask(page, { after: 'x' }, by)).errors?.[0].extensions.code).toBe('invalid_cursor')
  })

  test('refuse one field with a code and a request id, and answer the others', async () => {
    const answer = await ask('{ viewer { id } meeting(id: "01900000-0000-7000-8000-000000000000") { id } }')
    expect(answer.status).toBe(200)
    expect(answer.data).toMatchObject({ viewer: { id: office.owner.user.id }, meeting: null })
    expect(answer.errors).toMatchObject([
      {
        path: ['meeting'],
        extensions: { code: 'not_found', status: 404, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      },
    ])
  })

  test('never show content to who may only know that the time is taken', async () => {
    const { id: organizer } = office.owner.user
    const hidden = expectStatus(await office.book({ title: 'Merger', visibility: 'busy_only' }), 201).body.meeting.id
    const secret = expectStatus(await office.book({ title: 'Merger', visibility: 'participants' }), 201).body.meeting.id
    const query = `query ($id: ID!) { meeting(id: $id) { title organizer { id } participants { user { id } } roomIds metadata startTime } }`
    expect((await data(query, { id: hidden })).meeting).toMatchObject({ title: 'Merger', organizer: { id: organizer } })
    const { token } = await office.person('member')
    expect((await data(query, { id: hidden }, token)).meeting).toEqual({
      ...{ title: null, organizer: null, participants: [], roomIds: [], metadata: {} },
      startTime: '2026-11-24T09:00:00Z',
    })
    expect((await ask(query, { id: secret }, token)).errors?.[0].extensions.code).toBe('not_found')
    const other = await office.api.register()
    expect((await ask(query, { id: hidden }, other.accessToken)).errors?.[0].extensions.code).toBe('not_found')
  })

  test('take as many statements for fifty meetings as for two', async () => {
    const { accessToken: by } = await office.api.register()
    const people = await Promise.all(
      ['member', 'auditor'].map(async (role) => {
        const body = { email: `${role}${Math.random()}@example.org`, firstName: 'A', lastName: role, role }
        return expectStatus(await office.api.call('POST', '/users', { token: by, body }), 201).body.id
      }),
    )
    const book = async (hour: number) => {
      const roomId = await office.room({}, by)
      const at = (minutes: number) => new Date(Date.UTC(2026, 10, 25, hour, minutes)).toISOString()
      const participants = people.map((userId) => ({ userId }))
      expectStatus(await office.book({ startTime: at(0), endTime: at(30), roomIds: [roomId], participants }, by), 201)
    }
    const query = `query ($first: Int!) {
      occurrences(first: $first) { edges { node {
        title organizer { user { email } } room { name floor { name building { name } } } participants { user { email } }
      } } }
    }`
    const statements = async (first: number) => {
      const counted = countStatements()
      const { occurrences } = await data(query, { first }, by)
      const count = counted()
      expect(occurrences.edges).toHaveLength(first)
      expect(occurrences.edges[first - 1].node).toMatchObject({ room: { name: expect.any(String) } })
      expect(occurrences.edges[0].node.participants.map((p: { user: unknown }) => p.user)).not.toContain(null)
      return count
    }
    for (let hour = 0; hour < 50; hour++) await book(hour)
    const few = await statements(2)
    expect(await statements(50)).toBe(few)
    // The list with its people and rooms, the users, the rooms: a BEGIN and a COMMIT each.
    expect(few).toBeLessThanOrEqual(12)
  })
})

describe('mutations', () => {
  test('book, and say what is in the way and what would work', async () => {
    const roomId = await office.room()
    const input = { ...MEETING, roomIds: [roomId], participants: [{ email: office.owner.user.email }] }
    const { bookMeeting } = await data(BOOK, { input })
    expect(bookMeeting).toMatchObject({
      __typename: 'Booked',
      meeting: {
        title: 'Planning',
        status: 'confirmed',
        version: 1,
        participants: [{ user: { email: office.owner.user.email } }],
      },
      allocations: expect.arrayContaining([{ resourceId: roomId }]),
    })
    const again = (await data(BOOK, { input })).bookMeeting
    expect(again).toMatchObject({
      __typename: 'SlotConflict',
      code: 'slot_conflict',
      conflicts: [{ resourceId: roomId, kind: 'booking', start: '2026-11-24T09:00:00Z' }],
    })
    expect(again.suggestions[0].reasons.length).toBeGreaterThan(0)
    const small = await office.room({ capacity: 1 })
    const others = { participants: [{ email: 'a@example.org' }, { email: 'b@example.org' }] }
    expect((await data(BOOK, { input: { ...input, ...others, roomIds: [small] } })).bookMeeting).toMatchObject({
      __typename: 'RuleViolation',
      code: 'capacity',
    })
    const guest = await office.person('guest')
    expect((await data(BOOK, { input }, guest.token)).bookMeeting).toEqual({
      __typename: 'NotAllowed',
      code: 'forbidden',
    })
  })

  test('take a wall clock, and name what is wrong with an input like REST', async () => {
    const local = { startTime: { local: '2026-11-24T10:00' }, endTime: { local: '2026-11-24T11:00' } }
    const inline = `mutation { bookMeeting(input: { title: "A", timezone: "Europe/Berlin",
      startTime: { local: "2026-11-24T10:00" }, endTime: "2026-11-24T10:00:00Z" }) { ... on Booked { meeting { startTime endTime } } } }`
    expect((await data(inline)).bookMeeting.meeting).toEqual({
      startTime: '2026-11-24T09:00:00Z',
      endTime: '2026-11-24T10:00:00Z',
    })
    expect((await data(BOOK, { input: { ...MEETING, ...local } })).bookMeeting.__typename).toBe('Booked')
    const { errors, data: nothing } = await ask(BOOK, { input: { ...MEETING, startTime: '2026-11-24T10:00' } })
    expect(nothing).toEqual({ bookMeeting: null })
    expect(errors?.[0].extensions).toMatchObject({
      code: 'invalid_time',
      status: 422,
      errors: [{ pointer: '/startTime' }],
    })
  })

  test('change, invite and cancel by the version that was read', async () => {
    const { id } = (await data(BOOK, { input: MEETING })).bookMeeting.meeting
    const change = `mutation ($id: ID!, $version: Int!, $input: ChangeMeetingInput!) {
      changeMeeting(id: $id, version: $version, input: $input) { meeting { title version } warnings } }`
    expect((await data(change, { id, version: 1, input: { title: 'New' } })).changeMeeting.meeting).toEqual({
      title: 'New',
      version: 2,
    })
    const stale = await ask(change, { id, version: 1, input: { title: 'Old' } })
    expect(stale.errors?.[0].extensions).toMatchObject({ code: 'stale', status: 412, current: { title: 'New' } })
    const invite = `mutation ($id: ID!) { inviteParticipant(meetingId: $id, participant: { email: "g@example.com" }) { meeting { participants { email role } } } }`
    expect((await data(invite, { id })).inviteParticipant.meeting.participants).toContainEqual({
      email: 'g@example.com',
      role: 'required',
    })
    const cancel = `mutation ($id: ID!) { cancelMeeting(id: $id) { meeting { status } } }`
    for (const wrong of [
      'cancelMeeting(id: $id, version: 0)',
      'restoreMeeting(id: $id, version: 0)',
      'inviteParticipant(meetingId: $id, version: 0, participant: { email: "h@example.com" })',
      'inviteParticipant(meetingId: $id, recurrenceId: "", participant: { email: "h@example.com" })',
    ]) {
      const refused = await ask(`mutation ($id: ID!) { ${wrong} { meeting { id } } }`, { id })
      expect([wrong, refused.errors?.[0].extensions.code]).toEqual([wrong, 'invalid_input'])
    }
    expect(
      JSON.stringify(await data('query ($id: ID!) { meeting(id: $id) { participants { email } } }', { id })),
    ).not.toContain('h@')
    expect((await data(cancel, { id })).cancelMeeting.meeting.status).toBe('cancelled')
    expect((await ask(cancel, { id })).errors?.[0].extensions.code).toBe('illegal_transition')
  })

  test('end a series before an occurrence; again, it has ended already', async () => {
    const series = { ...MEETING, recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' } }
    const { id } = (await data(BOOK, { input: series })).bookMeeting.meeting
    const end = `mutation ($id: ID!) { cancelMeeting(id: $id, scope: following, recurrenceId: "20261126T100000") {
      meeting { status } } }`
    expect((await data(end, { id })).cancelMeeting.meeting.status).toBe('confirmed')
    expect((await ask(end, { id })).errors?.[0].extensions).toMatchObject({ code: 'illegal_transition', status: 409 })
  })

  test('manage people and rooms by the same rights as REST', async () => {
    const user = `mutation ($email: String!) { createUser(input: { email: $email, firstName: "A", lastName: "B" }) { id version role } }`
    const { createUser } = await data(user, { email: `x${Math.random()}@example.org` })
    expect(createUser).toMatchObject({ version: 1, role: 'member' })
    const update = `mutation ($id: ID!) { updateUser(id: $id, version: 1, input: { department: "Ops" }) { department version } }`
    expect((await data(update, createUser)).updateUser).toEqual({ department: 'Ops', version: 2 })
    const room = `mutation { createRoom(input: { name: "Turing", capacity: 6, equipment: ["screen"], bookingRules: { horizonDays: 30 } }) { id version equipment bookingRules { horizonDays } } }`
    const { createRoom } = await data(room)
    expect(createRoom).toMatchObject({ version: 1, equipment: ['screen'], bookingRules: { horizonDays: 30 } })
    const rename = `mutation ($id: ID!) { updateRoom(id: $id, version: 1, input: { isActive: false }) { isActive version } }`
    expect((await data(rename, createRoom)).updateRoom).toEqual({ isActive: false, version: 2 })
    const { token } = await office.person('member')
    for (const [query, variables] of [
      [user, { email: 'y@example.org' }],
      [room, {}],
      [update, createUser],
      [rename, createRoom],
    ] as const) {
      expect((await ask(query, variables, token)).errors?.[0].extensions.code).toBe('forbidden')
    }
  })

  test('with an Idempotency-Key have one effect, by header and by extension', async () => {
    const roomId = await office.room()
    const input = { ...MEETING, roomIds: [roomId] }
    const send = (title: string) =>
      graph.send(office.token, { query: BOOK, variables: { input: { ...input, title } } }, { 'idempotency-key': 'k1' })
    const [first, second] = await Promise.all([send('A'), send('A')])
    expect(second.data).toEqual(first.data)
    expect(first.data.bookMeeting.__typename).toBe('Booked')
    expect((await send('B')).errors?.[0].extensions.code).toBe('idempotency_key_reused')
    const extended = {
      query: BOOK,
      variables: { input: { ...input, title: 'A' } },
      extensions: { idempotencyKey: 'k1' },
    }
    expect((await graph.send(office.token, extended)).data).toEqual(first.data)
  })

  test('use a room by the commands of REST, and show what it is doing', async () => {
    const roomId = await office.room()
    const walk = `mutation ($roomId: ID!) { walkUp(roomId: $roomId, minutes: 30) { meetingId state { status current { checkIn title } } } }`
    const taken = (await data(walk, { roomId })).walkUp
    expect(taken.state).toMatchObject({ status: 'checked_in', current: { checkIn: 'done' } })
    const one = `query ($id: ID!) { room(id: $id) { state { status current { meetingId } } } }`
    expect((await data(one, { id: roomId })).room.state).toMatchObject({ current: { meetingId: taken.meetingId } })
    const extend = `mutation ($roomId: ID!) { extendRoom(roomId: $roomId, minutes: 15) { current { end } } }`
    expect((await data(extend, { roomId })).extendRoom.current.end).toBe('2026-11-23T09:45:00Z')
    const release = `mutation ($roomId: ID!) { releaseRoom(roomId: $roomId) { status } }`
    expect((await ask(release, { roomId })).errors?.[0].extensions.code).toBe('illegal_transition')
    const end = `mutation ($roomId: ID!) { endInRoom(roomId: $roomId) { status } }`
    expect((await data(end, { roomId })).endInRoom).toEqual({ status: 'free' })
    const again = await ask(`mutation ($roomId: ID!) { checkIn(roomId: $roomId) { status } }`, { roomId })
    expect(again.errors?.[0].extensions.code).toBe('illegal_transition')
    const guest = await office.person('guest')
    expect((await ask(walk, { roomId }, guest.token)).errors?.[0].extensions.code).toBe('forbidden')
  })

  test('show the dashboard of one’s own organisation only', async () => {
    const query = `query ($scope: ID!) { dashboard(kind: ROOMS, scope: $scope) { totals { rooms free } floors { name } } }`
    const [own] = await office.query('SELECT organization_id AS id FROM users WHERE id = $1', [office.owner.user.id])
    expect((await data(query, { scope: own?.['id'] })).dashboard).toEqual({ totals: { rooms: 0, free: 0 }, floors: [] })
    const guest = await office.person('guest')
    for (const [scope, by] of [
      ['01900000-0000-7000-8000-000000000000', office.token],
      [own?.['id'], guest.token],
    ]) {
      expect((await ask(query, { scope }, by)).errors?.[0].extensions.code).toBe('not_found')
    }
  })
})
