import type { GraphRow } from './graph-row.ts'
import { grid, renamed } from './grid.ts'
import { type RestRow, row } from './rest-row.ts'
import * as rules from './rules.ts'
import { item, list, listed } from './sight.ts'
import type { Target } from './things.ts'

const span = { from: '2026-11-23T00:00:00Z', to: '2026-12-23T00:00:00Z' }
const days = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z', durationMinutes: '30' }

/** What could be booked is told to who may book. */
const OFFERED = grid(`
  own colleague foreign guessed
  owner,admin,room_manager,member ok  ok  404 404
  auditor                         403 403 404 404
  guest                           403 404 404 404
  stranger                        .   404 ok  404
`)

/** In the host's calendar: which meeting it is only to who may read it, and nothing of him to who may not know of him. */
const MEETING_IN_HOSTS_CALENDAR = grid(`
  attends open busy private foreign
  owner,admin,room_manager,member,auditor see see 404 404 404
  guest,stranger                          404 404 404 404 404
`)

const OF_PERSON = renamed(rules.USER_SEEN, 'see', 'ok')
const entries = (body: unknown, target: Target) =>
  list((body as { items: [{ items: unknown[] }] }).items[0].items, target)

export const AVAILABILITY_ROWS: readonly RestRow[] = [
  ...['GET /calendar/freebusy', 'GET /calendar/overlay'].flatMap((operation) => [
    row(operation, 'user', rules.USER_SEEN, { ask: ({ id }) => ({ query: { ...span, userIds: id } }), sight: listed }),
    row(operation, 'room', rules.ROOM_SEEN_BY_PEOPLE, {
      ask: ({ id }) => ({ query: { ...span, roomIds: id } }),
      sight: listed,
    }),
  ]),
  row('GET /calendar/overlay', 'booking', rules.BOOKING_SEEN_BY_PEOPLE, {
    ask: ({ roomId }) => ({ query: { ...span, roomIds: roomId } }),
    sight: item,
  }),
  row('GET /calendar/overlay', 'meeting', MEETING_IN_HOSTS_CALENDAR, {
    ask: (_, _who, { host }) => ({ query: { ...span, userIds: host.id } }),
    sight: entries,
  }),
  row('GET /calendar/availability', 'user', OFFERED, { ask: ({ id }) => ({ query: { ...days, userIds: id } }) }),
  row('GET /calendar/availability', 'room', rules.ROOM_BOOKED, {
    ask: ({ id }) => ({ query: { ...days, roomIds: id } }),
  }),
  row('GET /users/:id/calendar', 'user', OF_PERSON, { ask: () => ({ query: span }) }),
  row('GET /users/:id/calendar', 'meeting', MEETING_IN_HOSTS_CALENDAR, {
    ask: (_, _who, { host }) => ({ params: { id: host.id }, query: { ...span, limit: '500' } }),
    sight: list,
  }),
]

const within = 'from: "2026-11-23T00:00:00Z", to: "2026-12-23T00:00:00Z"'
const ENTRY = 'kind start end title meetingId'

export const AVAILABILITY_FIELDS: readonly GraphRow[] = [
  {
    operation: 'query freeBusy',
    kind: 'user',
    grid: rules.USER_SEEN,
    field: ({ id }) => `freeBusy(userIds: ["${id}"], ${within}) { items { userId busy { start end status } } }`,
    sight: listed,
  },
  {
    operation: 'query freeBusy',
    kind: 'room',
    grid: rules.ROOM_SEEN_BY_PEOPLE,
    field: ({ id }) => `freeBusy(roomIds: ["${id}"], ${within}) { items { roomId busy { start end status } } }`,
    sight: listed,
  },
  {
    operation: 'query overlay',
    kind: 'booking',
    grid: rules.BOOKING_SEEN_BY_PEOPLE,
    field: ({ roomId }) => `overlay(roomIds: ["${roomId}"], ${within}) { items { roomId items { ${ENTRY} } } }`,
    sight: item,
  },
  {
    operation: 'query calendarOf',
    kind: 'meeting',
    grid: MEETING_IN_HOSTS_CALENDAR,
    field: (_, _who, { host }) => `calendarOf(userId: "${host.id}", first: 200, ${within}) { items { ${ENTRY} } }`,
    sight: list,
  },
  {
    operation: 'query availability',
    kind: 'user',
    grid: OFFERED,
    field: ({ id }) => `availability(userIds: ["${id}"], durationMinutes: 30, ${within}) { items { start } }`,
  },
  {
    operation: 'query availability',
    kind: 'room',
    grid: rules.ROOM_BOOKED,
    field: ({ id }) => `availability(roomIds: ["${id}"], durationMinutes: 30, ${within}) { items { start } }`,
  },
]
