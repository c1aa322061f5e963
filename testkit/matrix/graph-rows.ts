import type { RefusalCode } from '../../domain/refusals.ts'
import { unique } from '../api.ts'
import { AVAILABILITY_FIELDS } from './availability-rows.ts'
import { type GraphRow, row } from './graph-row.ts'
import { renamed, withPanels } from './grid.ts'
import { PEOPLE_MUTATIONS, PEOPLE_QUERIES } from './people-rows.ts'
import { CONFLICT_FIELDS, PLAN_MUTATIONS } from './plan-rows.ts'
import * as rules from './rules.ts'
import { item, list, listed } from './sight.ts'
import { SUGGESTION_FIELDS } from './suggestion-rows.ts'
import type { Target } from './things.ts'

const OUTDATED = 999
const edges = (value: unknown, target: Target) => list((value as { edges: unknown[] }).edges, target)
const window = 'first: 200, from: "2026-11-23T00:00:00Z", to: "2026-12-23T00:00:00Z"'
const CONTENT = 'id title description metadata participants { email user { id email } } rooms { id name }'
/** Of many at once: fewer things to look up. */
const TEXTS = 'title description metadata'
const OF_MEETING = `id ${TEXTS}`
const OF_OCCURRENCE = `meetingId ${TEXTS} `
const NEXT_WEEK = 'startTime: "2026-12-02T09:00:00Z", endTime: "2026-12-02T10:00:00Z", timezone: "UTC"'
const USE_STOPS: readonly RefusalCode[] = ['illegal_transition', 'rule_violation', 'slot_conflict']
const BOOKED = '__typename ... on Booked { meeting { id } } ... on NotAllowed { code }'
const HELD = 'start: "2026-12-01T09:00:00Z", end: "2026-12-01T10:00:00Z", ttlSeconds: 1'
const NOBODY = '01900000-0000-7000-8000-000000000000'
const HOLDS_WINDOW = '{ from: "2026-11-23T00:00:00Z", to: "2026-12-23T00:00:00Z" }'
const STATE = 'roomId status current { allocationId title organizer } next { allocationId title organizer }'

const QUERIES: GraphRow[] = [
  row('query viewer', 'any', rules.ANY_PERSON, 'viewer { id email }'),
  row('query user', 'user', rules.USER_SEEN, ({ id }) => `user(id: "${id}") { id email }`, { sight: item }),
  row('query users', 'user', rules.USER_SEEN, 'users(first: 200) { edges { node { id email } } }', { sight: edges }),
  row('query room', 'room', rules.ROOM_SEEN_BY_PEOPLE, ({ id }) => `room(id: "${id}") { id name state { status } }`, {
    sight: item,
  }),
  row('query rooms', 'room', rules.ROOM_SEEN_BY_PEOPLE, 'rooms(first: 200) { edges { node { id name } } }', {
    sight: edges,
  }),
  row('query floors', 'floor', rules.PLACE_LISTED, 'floors { id name building { id name } }', { sight: list }),
  row('query buildings', 'building', rules.PLACE_LISTED, 'buildings { id name }', { sight: list }),
  row(
    'query roomState',
    'booking',
    rules.BOOKING_SEEN_BY_PEOPLE,
    ({ roomId }) => `roomState(ids: ["${roomId}"]) { ${STATE} }`,
    {
      sight: item,
    },
  ),
  row(
    'query floorState',
    'floor',
    rules.FLOOR_SEEN,
    ({ id }) => `floorState(floorId: "${id}") { floorId rooms { room { floor { name } } } }`,
    {
      sight: (value, target) => listed([value], target),
    },
  ),
  row(
    'query dashboard',
    'dashboard',
    rules.FLOOR_SEEN,
    ({ id }) => `dashboard(kind: ROOMS, scope: "${id}") { floors { name } }`,
    {
      sight: item,
    },
  ),
  row('query meeting', 'meeting', rules.MEETING_SEEN, ({ id }) => `meeting(id: "${id}") { ${CONTENT} }`, {
    sight: item,
  }),
  row('query meetings', 'meeting', rules.MEETING_SEEN, `meetings(${window}) { edges { node { ${OF_MEETING} } } }`, {
    sight: edges,
  }),
  row(
    'query occurrences',
    'meeting',
    rules.MEETING_SEEN,
    `occurrences(${window}) { edges { node { ${OF_OCCURRENCE} } } }`,
    {
      sight: edges,
    },
  ),
  ...['meetings', 'occurrences'].map((name) =>
    row(
      `query ${name}`,
      'meeting',
      rules.MEETING_FOUND_BY_HOST,
      (_, _who, { host }) =>
        `${name}(${window}, organizerId: "${host.id}") { edges { node { ${name === 'meetings' ? OF_MEETING : OF_OCCURRENCE} } } }`,
      { sight: edges },
    ),
  ),
  row(
    'query occurrencesOf',
    'meeting',
    rules.MEETING_SEEN,
    ({ id }) => `occurrencesOf(meetingId: "${id}", ${window}) { edges { node { ${OF_OCCURRENCE} } } }`,
    { sight: edges },
  ),
  row('query ownHolds', 'hold', rules.OWN_SEEN, 'ownHolds { id }', { sight: list }),
  row('query agenda', 'meeting', rules.MEETING_IN_OWN_CALENDAR, 'agenda { meetingId title meeting { title } }', {
    sight: list,
  }),
]

const MUTATIONS: GraphRow[] = [
  row('mutation bookMeeting', 'any', rules.WORKED, `bookMeeting(input: { title: "Mine", ${NEXT_WEEK} }) { ${BOOKED} }`),
  row(
    'mutation bookMeeting',
    'room',
    rules.ROOM_NAMED_BY_WORKER,
    ({ id }) => `bookMeeting(input: { title: "There", ${NEXT_WEEK}, roomIds: ["${id}"] }) { ${BOOKED} }`,
  ),
  row(
    'mutation bookMeeting',
    'user',
    rules.USER_INVITED,
    ({ id }) =>
      `bookMeeting(input: { title: "With", ${NEXT_WEEK}, participants: [{ userId: "${id}" }] }) { ${BOOKED} }`,
  ),
  row(
    'mutation changeMeeting',
    'meeting',
    rules.MEETING_CHANGED,
    ({ id }) => `changeMeeting(id: "${id}", version: ${OUTDATED}, input: { title: "X" }) { meeting { id } }`,
    { after: ['stale'] },
  ),
  row(
    'mutation cancelMeeting',
    'meeting',
    rules.MEETING_CANCELLED,
    ({ id }) => `cancelMeeting(id: "${id}", version: ${OUTDATED}) { meeting { id } }`,
    { after: ['stale'] },
  ),
  row(
    'mutation restoreMeeting',
    'meeting',
    rules.MEETING_CANCELLED,
    ({ id }) => `restoreMeeting(id: "${id}", version: ${OUTDATED}) { meeting { id } occurrence { recurrenceId } }`,
    { after: ['stale'] },
  ),
  row(
    'mutation inviteParticipant',
    'meeting',
    rules.MEETING_CHANGED,
    ({ id }) =>
      `inviteParticipant(meetingId: "${id}", version: ${OUTDATED}, participant: { email: "g@example.org" }) { meeting { id } }`,
    { after: ['stale'] },
  ),
  row(
    'mutation createRoom',
    'any',
    rules.ROOMS_MANAGED,
    () => `createRoom(input: { name: "G ${unique()}", capacity: 1 }) { id }`,
  ),
  row(
    'mutation updateRoom',
    'room',
    { ...rules.ROOM_CHANGED },
    ({ id }) => `updateRoom(id: "${id}", version: ${OUTDATED}, input: { capacity: 2 }) { id }`,
    { after: ['stale'] },
  ),
  row(
    'mutation createUser',
    'any',
    rules.MANAGED,
    (_, who, { people }) => {
      const { email } = who === 'stranger' ? people.stranger : people.owner
      return `createUser(input: { email: "${email}", firstName: "A", lastName: "B" }) { id }`
    },
    { after: ['email_taken'] },
  ),
  ...(
    [
      ['firstName: "X"', rules.USER_CHANGED],
      ['role: owner', rules.USER_MADE_OWNER],
    ] as const
  ).map(([change, of]) =>
    row(
      'mutation updateUser',
      'user',
      of,
      ({ id }) => `updateUser(id: "${id}", version: ${OUTDATED}, input: { ${change} }) { id }`,
      { after: ['stale'] },
    ),
  ),
  ...['checkIn', 'keepRoom'].map((name) =>
    row(`mutation ${name}`, 'booking', rules.BOOKING_USED_BY_PEOPLE, held(name, 'allocationId'), { after: USE_STOPS }),
  ),
  row('mutation endInRoom', 'booking', rules.BOOKING_USED_BY_PEOPLE, held('endInRoom', 'laterId'), {
    after: USE_STOPS,
  }),
  row('mutation releaseRoom', 'booking', rules.BOOKING_RELEASED_BY_PEOPLE, held('releaseRoom', 'allocationId'), {
    after: USE_STOPS,
  }),
  row(
    'mutation extendRoom',
    'booking',
    rules.BOOKING_USED_BY_PEOPLE,
    ({ roomId }) => `extendRoom(roomId: "${roomId}", minutes: 480) { status }`,
    { after: USE_STOPS },
  ),
  row(
    'mutation placeHold',
    'room',
    rules.ROOM_NAMED_BY_WORKER,
    ({ id }) => `placeHold(input: { resourceIds: ["${id}"], ${HELD} }) { id }`,
    { after: ['slot_conflict', 'too_large'] },
  ),
  row('mutation renewHold', 'hold', rules.HOLD_OWNED, ({ id }) => `renewHold(id: "${id}") { id }`, {
    after: USE_STOPS,
  }),
  row('mutation releaseHold', 'hold', rules.HOLD_OWNED, ({ allocationId }) => `releaseHold(id: "${allocationId}")`),
  row(
    'mutation convertHold',
    'hold',
    rules.HOLD_OWNED,
    ({ id }) =>
      `convertHold(id: "${id}", input: { title: "Held", timezone: "UTC", participants: [{ userId: "${NOBODY}" }] }) { ${BOOKED} }`,
    { after: ['unknown_reference'] },
  ),
  row('mutation walkUp', 'room', rules.ROOM_BOOKED, ({ id }) => `walkUp(roomId: "${id}") { meetingId }`, {
    after: USE_STOPS,
  }),
]

const SUBSCRIPTIONS: GraphRow[] = [
  row(
    'subscription meetingChanged',
    'meeting',
    rules.MEETING_FOLLOWED,
    ({ id }) => `meetingChanged(id: "${id}") { data meeting { title } }`,
    {
      sight: item,
    },
  ),
  row(
    'subscription agendaChanged',
    'user',
    rules.OWN_SEEN,
    ({ id }) => `agendaChanged(userId: "${id}") { topic data entries { title } }`,
    {
      sight: (value, target) => listed([value], target),
    },
  ),
  row(
    'subscription roomState',
    'booking',
    rules.BOOKING_WATCHED_BY_PEOPLE,
    ({ roomId }) => `roomState(ids: ["${roomId}"]) { data state { ${STATE} } }`,
    { sight: item },
  ),
  row(
    'subscription holds',
    'room',
    withPanels(renamed(rules.ROOM_SEEN, 'see', 'ok'), '403'),
    ({ id }) => `holds(resourceIds: ["${id}"], window: ${HOLDS_WINDOW}) { resourceId holds { id } }`,
  ),
  ...(
    [
      ['user', renamed(rules.USER_SEEN, 'see', 'ok'), 'userId'],
      ['room', withPanels(renamed(rules.ROOM_SEEN, 'see', 'ok'), '403'), 'roomId'],
    ] as const
  ).map(([kind, of, key]) =>
    row(
      'subscription availabilityChanged',
      kind,
      of,
      ({ id }) => `availabilityChanged(subjects: [{ ${key}: "${id}" }], window: ${HOLDS_WINDOW}) { subjects { id } }`,
    ),
  ),
  row('subscription floorState', 'floor', rules.FLOOR_SEEN, ({ id }) => `floorState(floorId: "${id}") { topic data }`, {
    sight: (value, target) => listed([value], target),
  }),
  row(
    'subscription dashboard',
    'dashboard',
    rules.FLOOR_SEEN,
    ({ id }) => `dashboard(kind: ROOMS, scope: "${id}") { data }`,
    {
      sight: item,
    },
  ),
]

export const GRAPH_ROWS: readonly GraphRow[] = [
  ...QUERIES,
  ...PEOPLE_QUERIES,
  ...AVAILABILITY_FIELDS,
  ...CONFLICT_FIELDS,
  ...SUGGESTION_FIELDS,
  ...MUTATIONS,
  ...PEOPLE_MUTATIONS,
  ...PLAN_MUTATIONS,
  ...SUBSCRIPTIONS,
]

/** A command on one booking of a room. */
function held(name: string, which: 'allocationId' | 'laterId'): GraphRow['field'] {
  return (target) => `${name}(roomId: "${target.roomId}", allocationId: "${target[which]}") { status }`
}
