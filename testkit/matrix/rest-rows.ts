import { grid } from './grid.ts'
import { AVAILABILITY_ROWS } from './availability-rows.ts'
import { HOLD_ROWS } from './hold-rows.ts'
import { CALENDAR_ROWS, MEETING_ROWS } from './meeting-rows.ts'
import { ANSWER_ROWS, TIME_ROWS } from './people-rows.ts'
import { PLAN_ROWS } from './plan-rows.ts'
import { type RestRow, OUTDATED, row } from './rest-row.ts'
import { ROOM_ROWS } from './room-rows.ts'
import * as rules from './rules.ts'
import { item, list } from './sight.ts'
import { SUGGESTION_ROWS } from './suggestion-rows.ts'
import { METRICS_TOKEN } from './town.ts'

const WRONG_CREDENTIALS = grid(`
  any
  owner,admin,room_manager,member,auditor,guest,panel,otherPanel,stranger,anonymous,expired,revoked invalid_credentials
`)
const WRONG_REFRESH = grid(`
  any
  owner,admin,room_manager,member,auditor,guest,panel,otherPanel,stranger,anonymous,expired,revoked invalid_refresh_token
`)

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

export const REST_ROWS: readonly RestRow[] = [
  ...AUTH,
  ...PEOPLE_ROWS,
  ...TIME_ROWS,
  ...ANSWER_ROWS,
  ...ROOM_ROWS,
  ...MEETING_ROWS,
  ...HOLD_ROWS,
  ...PLAN_ROWS,
  ...CALENDAR_ROWS,
  ...AVAILABILITY_ROWS,
  ...SUGGESTION_ROWS,
  ...OFFICE,
]

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

const KILL_JOB = `UPDATE due SET dead_at = due_at WHERE subject = $1 AND dead_at IS NULL`
