import type { RefusalCode } from '../../domain/refusals.ts'
import { PASSWORD, unique } from '../api.ts'
import { type Grid, type Principal, grid } from './grid.ts'
import * as rules from './rules.ts'
import { shown } from './sight.ts'
import type { Kind, Target } from './things.ts'
import { METRICS_TOKEN, type Town } from './town.ts'

/** One way to ask one operation, and who gets what of it. */
export interface RestRow {
  /** `GET /meetings/:id`; every operation of the contract has one at least. */
  operation: string
  kind: Kind
  grid: Grid
  /** Path below, query and body. Parameters of the path that are not given are the target's id. */
  ask?: (target: Target, who: Principal, town: Town) => Asked
  /** Refusals that come after every question of rights: the command is stopped there, so that nothing changes. */
  after?: readonly RefusalCode[]
  /** How much of the target an answer of 2xx shows; absent: the answer is `ok`. */
  sight?: (body: unknown, target: Target) => string
  /** Makes the target as it must be; cells of such a row go one after the other. */
  before?: (town: Town, target: Target) => Promise<unknown>
}

export interface Asked {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
  headers?: Record<string, string>
}

/** Nobody has read that version. */
const OUTDATED = 999
const stale = { headers: { 'if-match': `"${OUTDATED}"` } }
const nextWeek = { startTime: '2026-12-01T09:00:00Z', endTime: '2026-12-01T10:00:00Z', timezone: 'UTC' }
const span = { startTime: nextWeek.startTime, endTime: nextWeek.endTime }
const tomorrow = { startTime: '2026-11-24T09:00:00Z', endTime: '2026-11-24T10:00:00Z' }
const window = { from: '2026-11-23T00:00:00Z', to: '2026-12-23T00:00:00Z', limit: '500' }
const USE_STOPS: readonly RefusalCode[] = ['illegal_transition', 'rule_violation', 'slot_conflict']

function row(
  operation: string,
  kind: Kind,
  of: Grid,
  more: Omit<RestRow, 'operation' | 'kind' | 'grid'> = {},
): RestRow {
  return { operation, kind, grid: of, ...more }
}

const { item, list, listed, text } = shown
const WRONG_CREDENTIALS = grid(`
  any
  owner,admin,room_manager,member,auditor,guest,panel,otherPanel,stranger,anonymous,expired,revoked invalid_credentials
`)
const WRONG_REFRESH = grid(`
  any
  owner,admin,room_manager,member,auditor,guest,panel,otherPanel,stranger,anonymous,expired,revoked invalid_refresh_token
`)
const inRoom = (target: Target, more: object = {}): Asked => ({ params: { id: target.roomId }, body: more })

const AUTH: RestRow[] = [
  row('POST /auth/register', 'any', rules.EVERYBODY, {
    ask: (_, who, { people }) => ({
      body: { email: people.owner.email, password: 'short', firstName: 'A', lastName: who, organization: 'Again' },
    }),
    after: ['invalid_input', 'email_taken'],
  }),
  row('POST /auth/login', 'any', WRONG_CREDENTIALS, {
    ask: () => ({ body: { email: 'nobody@example.org', password: 'a wrong password' } }),
  }),
  row('POST /auth/refresh', 'any', WRONG_REFRESH, { ask: () => ({ body: { refreshToken: 'x'.repeat(43) } }) }),
  // Without a session there is none to end; with one it is ended, so these only knock with a refresh token of nobody.
  row('POST /auth/logout', 'any', rules.EVERYBODY, {
    ask: () => ({ body: { refreshToken: 5 } }),
    after: ['invalid_input'],
  }),
  row('GET /.well-known/jwks.json', 'any', rules.EVERYBODY),
  row('POST /auth/socket-ticket', 'any', rules.ANY_PERSON),
  row('GET /auth/profile', 'any', rules.ANYBODY_SIGNED_IN),
  row('PUT /auth/profile', 'any', rules.ANY_PERSON, {
    ask: () => ({ body: { firstName: 'X', version: OUTDATED } }),
    after: ['stale'],
  }),
  row('GET /auth/sessions', 'session', rules.OWN_SEEN, { sight: list }),
  row('DELETE /auth/sessions/:id', 'session', rules.OWN_CHANGED),
  row('POST /auth/devices/pair', 'room', rules.ROOM_NAMED_BY_MANAGER, {
    ask: ({ id }) => ({ body: { roomId: id } }),
  }),
  row('POST /auth/devices/claim', 'any', rules.EVERYBODY, {
    ask: () => ({ body: { code: '000000' } }),
    after: ['pairing_code_invalid'],
  }),
  row('GET /auth/devices', 'device', rules.DEVICE_SEEN, { sight: list }),
  row('DELETE /auth/devices/:id', 'device', rules.DEVICE_REVOKED),
]

const PEOPLE_ROWS: RestRow[] = [
  row('GET /users', 'user', rules.USER_SEEN, { ask: () => ({ query: { limit: '500' } }), sight: list }),
  row('GET /users', 'user', rules.USER_SEEN, { ask: ({ email }) => ({ query: { q: email } }), sight: list }),
  row('POST /users', 'any', rules.MANAGED, {
    ask: (_, who, { people }) => {
      const { email } = who === 'stranger' ? people.stranger : people.owner
      return { body: { email, firstName: 'A', lastName: 'B' } }
    },
    after: ['email_taken'],
  }),
  row('POST /users', 'any', grid('any\n owner,stranger ok\n admin,room_manager,member,auditor,guest 403'), {
    ask: (_, who, { people }) => {
      const { email } = who === 'stranger' ? people.stranger : people.owner
      return { body: { email, firstName: 'A', lastName: 'B', role: 'owner' } }
    },
    after: ['email_taken'],
  }),
  row('GET /users/:id', 'user', rules.USER_SEEN, { sight: item }),
  row('PUT /users/:id', 'user', rules.USER_CHANGED, {
    ask: () => ({ body: { firstName: 'X', version: OUTDATED } }),
    after: ['stale'],
  }),
  row('PUT /users/:id', 'user', rules.USER_CHANGED, {
    ask: () => ({ body: { nonsense: true } }),
    after: ['invalid_input'],
  }),
  row('PUT /users/:id', 'user', rules.USER_MADE_OWNER, {
    ask: () => ({ body: { role: 'owner', version: OUTDATED } }),
    after: ['stale'],
  }),
]

const ROOMS: RestRow[] = [
  row('GET /rooms', 'room', rules.ROOM_SEEN, { sight: list }),
  row('GET /rooms/available', 'room', rules.ROOM_SEEN, { ask: () => ({ query: span }), sight: list }),
  row('POST /rooms', 'any', rules.ROOMS_MANAGED, { ask: () => ({ body: { name: `New ${unique()}`, capacity: 1 } }) }),
  row('POST /rooms', 'any', rules.ROOMS_MANAGED, {
    ask: () => ({ body: { capacity: 'many' } }),
    after: ['invalid_input'],
  }),
  row('GET /rooms/:id', 'room', rules.ROOM_SEEN, { sight: item }),
  row('PUT /rooms/:id', 'room', rules.ROOM_CHANGED, {
    ask: () => ({ body: { capacity: 2, version: OUTDATED } }),
    after: ['stale'],
  }),
  row('POST /rooms/:id/book', 'room', rules.ROOM_BOOKED, {
    ask: () => ({ body: { title: 'Here', ...nextWeek } }),
    after: ['slot_conflict'],
  }),
  row('POST /rooms/:id/book', 'room', rules.ROOM_BOOKED, { ask: () => ({ body: {} }), after: ['invalid_input'] }),
  row('GET /rooms/:id/schedule', 'booking', rules.BOOKING_SEEN, {
    ask: (target) => ({ ...inRoom(target), query: window }),
    sight: (body, target) => list(body, { ...target, id: target.laterId }),
  }),
  row('GET /rooms/:id/state', 'booking', rules.BOOKING_SEEN, { ask: (target) => inRoom(target), sight: item }),
  ...['checkin', 'keep'].map((name) =>
    row(`POST /rooms/:id/${name}`, 'booking', rules.BOOKING_USED, {
      ask: (target) => inRoom(target, { allocationId: target.allocationId }),
      after: USE_STOPS,
    }),
  ),
  row('POST /rooms/:id/end', 'booking', rules.BOOKING_USED, {
    ask: (target) => inRoom(target, { allocationId: target.laterId }),
    after: USE_STOPS,
  }),
  row('POST /rooms/:id/extend', 'booking', rules.BOOKING_USED, {
    ask: (target) => inRoom(target, { minutes: 480 }),
    after: USE_STOPS,
  }),
  row('POST /rooms/:id/release', 'booking', rules.BOOKING_RELEASED, {
    ask: (target) => inRoom(target, { allocationId: target.allocationId }),
    after: USE_STOPS,
  }),
  row('POST /rooms/:id/walkup', 'room', rules.ROOM_WALKED_INTO, { ask: (target) => inRoom(target), after: USE_STOPS }),
  row('POST /rooms/:id/walkup', 'room', rules.ROOM_WALKED_INTO, {
    ask: (target) => inRoom(target, { minutes: 'long' }),
    after: ['invalid_input'],
  }),
  row('POST /occupancy', 'room', rules.ROOM_SENSED, {
    ask: ({ id: roomId }) => ({
      body: { samples: [{ id: unique(), roomId, at: '2026-11-23T09:00:00Z', present: true }] },
    }),
    sight: (body) => ({ not_found: '404', forbidden: '403' })[refusedSample(body) ?? ''] ?? 'ok',
  }),
  row('GET /floors/:id/state', 'floor', rules.FLOOR_SEEN, { sight: (body, target) => listed([body], target) }),
  row('GET /buildings', 'building', rules.PLACE_LISTED, { sight: list }),
  row('GET /floors', 'floor', rules.PLACE_LISTED, { sight: list }),
  row('GET /equipment', 'equipment', rules.PLACE_LISTED, { sight: list }),
]

const MEETINGS: RestRow[] = [
  row('POST /meetings', 'any', rules.WORKED, { ask: () => ({ body: { title: 'Mine', ...nextWeek } }) }),
  row('POST /meetings', 'any', rules.WORKED, { ask: () => ({ body: {} }), after: ['invalid_input'] }),
  row('POST /meetings', 'room', rules.ROOM_NAMED_BY_WORKER, {
    ask: ({ id }) => ({ body: { title: 'There', ...nextWeek, roomIds: [id] } }),
    after: ['slot_conflict'],
  }),
  row('POST /meetings', 'user', rules.USER_INVITED, {
    ask: ({ id }) => ({
      body: { title: 'With you', ...nextWeek, participants: [{ userId: id }], visibility: 'participants' },
    }),
  }),
  row('GET /meetings', 'meeting', rules.MEETING_SEEN, { ask: () => ({ query: window }), sight: list }),
  row('GET /meetings', 'meeting', rules.MEETING_SEEN, {
    ask: () => ({ query: { ...window, expand: 'series' } }),
    sight: list,
  }),
  ...['organizerId', 'participantId'].map((name) =>
    row('GET /meetings', 'meeting', rules.MEETING_FOUND_BY_HOST, {
      ask: (_, _who, { host }) => ({ query: { ...window, [name]: host.id } }),
      sight: list,
    }),
  ),
  row('GET /meetings/conflicts', 'user', rules.USER_SEEN, {
    ask: ({ id }) => ({ query: { ...tomorrow, participantIds: id } }),
    sight: (body, target) => listed((body as { conflicts: unknown }).conflicts, target),
  }),
  row('GET /meetings/conflicts', 'room', rules.ROOM_SEEN_BY_PEOPLE, {
    ask: ({ id }) => ({ query: { ...tomorrow, roomIds: id } }),
    sight: (body, target) => listed((body as { conflicts: unknown }).conflicts, target),
  }),
  row('GET /meetings/:id', 'meeting', rules.MEETING_SEEN, { sight: item }),
  row('GET /meetings/:id/ics', 'meeting', rules.MEETING_SEEN, { sight: text }),
  row('GET /meetings/:id/occurrences', 'meeting', rules.MEETING_SEEN, { ask: () => ({ query: window }), sight: list }),
  ...[{ title: 'X', version: OUTDATED }, { nonsense: 1 }].map((body) =>
    row('PUT /meetings/:id', 'meeting', rules.MEETING_CHANGED, {
      ask: () => ({ body }),
      after: ['stale', 'invalid_input'],
    }),
  ),
  row('POST /meetings/:id/participants', 'meeting', rules.MEETING_CHANGED, {
    ask: (_, _who, { people }) => ({ body: { userId: people.owner.id }, ...stale }),
    after: ['stale', 'unknown_reference'],
  }),
  row('DELETE /meetings/:id', 'meeting', rules.MEETING_CANCELLED, { ask: () => stale, after: ['stale'] }),
  row('POST /meetings/:id/cancel', 'meeting', rules.MEETING_CANCELLED, {
    ask: () => ({ body: {}, ...stale }),
    after: ['stale'],
  }),
]

const CALENDARS: RestRow[] = [
  row('POST /calendar/integrate', 'any', rules.ANY_PERSON, {
    ask: () => ({ body: { provider: 'ics', url: 'http://127.0.0.1:22/a.ics' } }),
    after: ['address_refused'],
  }),
  row('GET /calendar/integrations', 'integration', rules.OWN_SEEN, { sight: list }),
  row('GET /calendar/integrations/:id', 'integration', rules.OWN_SEEN, { sight: item }),
  row('GET /calendar/integrations/:id/health', 'integration', rules.OWN_CHANGED),
  row('DELETE /calendar/integrations/:id', 'integration', rules.OWN_CHANGED, {
    // The last one stays for the others to knock at.
    ask: () => ({ query: { really: 'no' } }),
    after: ['invalid_input'],
  }),
  row('POST /calendar/sync', 'integration', rules.OWN_CHANGED, { ask: ({ id }) => ({ body: { integrationId: id } }) }),
  row('GET /calendar/events', 'external', rules.OWN_SEEN, { ask: () => ({ query: window }), sight: list }),
  row('GET /calendar/events', 'integration', rules.OWN_SEEN, {
    ask: ({ id }) => ({ query: { ...window, integrationId: id } }),
    sight: listed,
  }),
  row('GET /calendar/events', 'meeting', rules.MEETING_IN_OWN_CALENDAR, {
    ask: () => ({ query: window }),
    sight: list,
  }),
  row('POST /calendar/feeds', 'any', rules.ANY_PERSON, { ask: () => ({ body: { kind: 'person' } }) }),
  row('POST /calendar/feeds', 'room', rules.ROOM_NAMED_BY_PERSON, {
    ask: ({ id }) => ({ body: { kind: 'room', roomId: id } }),
  }),
  row('GET /calendar/feeds', 'feed', rules.OWN_SEEN, { ask: () => ({ query: { limit: '500' } }), sight: list }),
  row('GET /calendar/feeds/:token', 'secret', rules.FEED_READ, {
    ask: ({ roomId: secret }) => ({ params: { token: `${secret}.ics` } }),
    sight: text,
  }),
  row('DELETE /calendar/feeds/:id', 'feed', rules.OWN_CHANGED),
  row('DELETE /calendar/integrations/:id', 'integration', rules.OWN_CHANGED),
]

const OFFICE: RestRow[] = [
  row('GET /audit', 'audit', rules.AUDIT_SEEN, { ask: () => ({ query: { limit: '500' } }), sight: list }),
  row('GET /audit', 'audit', rules.AUDIT_SEEN, { ask: ({ id }) => ({ query: { subjectId: id } }), sight: list }),
  row('GET /audit/verify', 'any', rules.AUDITED),
  row('GET /jobs/dead', 'job', rules.AUDIT_SEEN, {
    before: ({ query }, { id }) => query(KILL_JOB, [id]),
    sight: list,
  }),
  row('POST /jobs/dead/:kind/:subject/retry', 'job', rules.JOB_RETRIED, {
    ask: ({ id }) => ({ params: { kind: 'reminder', subject: id } }),
    before: ({ query }, { id }) => query(KILL_JOB, [id]),
  }),
  row('GET /notifications/history', 'message', rules.TOLD, { ask: () => ({ query: { limit: '500' } }), sight: list }),
]

export const REST_ROWS: readonly RestRow[] = [...AUTH, ...PEOPLE_ROWS, ...ROOMS, ...MEETINGS, ...CALENDARS, ...OFFICE]

/** Paths outside of the table of routes. */
export const OTHER_ROWS: readonly RestRow[] = [
  ...['/openapi.json', '/docs', '/docs/problems', '/health/live', '/health/ready'].map((path) =>
    row(`GET ${path}`, 'any', rules.EVERYBODY),
  ),
  // Figures of the inside have a token of their own; to everybody else there is nothing.
  row('GET /metrics', 'any', rules.NOTHING_THERE),
  row('GET /nothing-here', 'any', rules.NOTHING_THERE),
  row('POST /metrics', 'any', rules.NOTHING_THERE),
  row('DELETE /meetings', 'any', rules.NO_SUCH_METHOD),
]

/** For whoever scrapes. */
export const SCRAPE = { headers: { authorization: `Bearer ${METRICS_TOKEN}` } }
export const SECRET_PASSWORD = PASSWORD

const KILL_JOB = `UPDATE due SET dead_at = due_at WHERE subject = $1 AND dead_at IS NULL`

function refusedSample(body: unknown): string | undefined {
  return (body as { refused: { code: string }[] }).refused[0]?.code
}
