import type { GraphRow } from './graph-row.ts'
import { type Grid, grid, renamed } from './grid.ts'
import * as rules from './rules.ts'
import { type RestRow, OUTDATED, row, stale } from './rest-row.ts'
import { item } from './sight.ts'

// What people say of their time, who acts for them, what they answer, and what became of a meeting.

/** When somebody is away is for who may know of him; why, for himself and managers. */
const ABSENCE_SEEN = grid(`
  own colleague foreign guessed
  owner,admin                 see see  404 404
  room_manager,member,auditor see bare 404 404
  guest                       see 404  404 404
  stranger                    .   404  see 404
`)
/** Who acts in one's name is one's own word, whoever else may know it. */
const DELEGATES_NAMED = grid(`
  own colleague foreign guessed
  owner,admin,room_manager,member,auditor ok 403 404 404
  guest                                   ok 404 404 404
  stranger                                .  404 ok  404
`)

/** An invitation is answered by who is invited, whoever else may read it or change it. */
const MEETING_ANSWERED = grid(`
  own attends open busy private foreign guessed
  owner,admin                 403 ok 403 403 403 404 404
  room_manager,member,auditor 403 ok 403 403 404 404 404
  guest                       403 ok 404 404 404 404 404
  stranger                    .   .  404 404 404 403 404
`)
/** What became of it is content. */
const MEETING_RECALLED = renamed(renamed(rules.MEETING_SEEN, 'bare', '403'), 'see', 'ok')

/** In the name of somebody who has asked nobody to. */
const NO_DELEGATE = renamed(rules.ANY_PERSON, 'ok', '403')

const OF_PERSON = renamed(rules.USER_SEEN, 'see', 'ok')
export const TIME_ROWS: readonly RestRow[] = [
  row('GET /users/:id/working-hours', 'user', OF_PERSON),
  row('PUT /users/:id/working-hours', 'user', rules.USER_CHANGED, {
    ask: () => ({ body: { timezone: 'UTC', version: OUTDATED } }),
    after: ['stale'],
  }),
  row('GET /users/:id/absences', 'user', ABSENCE_SEEN, { sight: item }),
  row('PUT /users/:id/absences', 'user', rules.USER_CHANGED, {
    ask: () => ({ body: { items: [], version: OUTDATED } }),
    after: ['stale'],
  }),
  row('GET /users/:id/delegates', 'user', rules.USER_CHANGED),
  ...[{ items: [], version: OUTDATED }, { nonsense: true }].map((body) =>
    row('PUT /users/:id/delegates', 'user', DELEGATES_NAMED, {
      ask: () => ({ body }),
      after: ['stale', 'invalid_input'],
    }),
  ),
  row('GET /users', 'any', NO_DELEGATE, {
    ask: (_, _who, { host }) => ({ headers: { 'on-behalf-of': host.id } }),
  }),
  row('GET /holidays', 'any', rules.ANY_PERSON),
  row('GET /holidays/:calendar', 'any', rules.ANY_PERSON, {
    ask: () => ({ params: { calendar: 'nowhere' } }),
    after: ['not_found'],
  }),
  row('PUT /holidays/:calendar', 'any', rules.MANAGED, {
    ask: () => ({ params: { calendar: 'nowhere' }, body: { items: [] }, ...stale }),
    after: ['stale'],
  }),
]

export const ANSWER_ROWS: readonly RestRow[] = [
  ...[{ response: 'accepted' }, { response: 'perhaps' }].map((body) =>
    row('POST /meetings/:id/rsvp', 'meeting', MEETING_ANSWERED, {
      ask: () => ({ body, ...stale }),
      after: ['stale', 'invalid_input'],
    }),
  ),
  row('GET /meetings/:id/history', 'meeting', MEETING_RECALLED),
]

function field(
  operation: string,
  kind: GraphRow['kind'],
  of: Grid,
  ask: GraphRow['field'] | string,
  more: Pick<GraphRow, 'after' | 'sight'> = {},
): GraphRow {
  return { operation, kind, grid: of, field: typeof ask === 'string' ? () => ask : ask, ...more }
}

export const PEOPLE_QUERIES: readonly GraphRow[] = [
  field('query workingHours', 'user', OF_PERSON, ({ id }) => `workingHours(userId: "${id}") { timezone }`),
  field('query absences', 'user', ABSENCE_SEEN, ({ id }) => `absences(userId: "${id}") { start reason }`, {
    sight: item,
  }),
  field('query delegates', 'user', rules.USER_CHANGED, ({ id }) => `delegates(userId: "${id}") { id }`),
  field('query holidays', 'any', rules.ANY_PERSON, 'holidays(calendar: "nowhere") { calendar }', {
    after: ['not_found'],
  }),
  field(
    'query meetingHistory',
    'meeting',
    MEETING_RECALLED,
    ({ id }) => `meetingHistory(meetingId: "${id}") { edges { node { action changes actor { name } } } }`,
  ),
]

export const PEOPLE_MUTATIONS: readonly GraphRow[] = [
  ...(
    [
      ['setWorkingHours', 'input: { timezone: "UTC" }) { timezone }', rules.USER_CHANGED],
      ['setAbsences', 'items: []) { start }', rules.USER_CHANGED],
      ['setDelegates', 'delegateIds: []) { id }', DELEGATES_NAMED],
    ] as const
  ).map(([name, rest, of]) =>
    field(`mutation ${name}`, 'user', of, ({ id }) => `${name}(userId: "${id}", version: ${OUTDATED}, ${rest}`, {
      after: ['stale'],
    }),
  ),
  field(
    'mutation setHolidays',
    'any',
    rules.MANAGED,
    `setHolidays(calendar: "nowhere", version: ${OUTDATED}, items: []) { calendar }`,
    { after: ['stale'] },
  ),
  field(
    'mutation respond',
    'meeting',
    MEETING_ANSWERED,
    ({ id }) => `respond(meetingId: "${id}", version: ${OUTDATED}, response: accepted) { meeting { id } }`,
    { after: ['stale'] },
  ),
]
