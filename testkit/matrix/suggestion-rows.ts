import type { GraphRow } from './graph-row.ts'
import { type RestRow, row } from './rest-row.ts'
import * as rules from './rules.ts'

const window = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' }
const asked = { durationMinutes: 30, window }
const ASKED = `durationMinutes: 30, window: { from: "${window.from}", to: "${window.to}" }`

/** What could be booked is told to who may book, of whom and what he may know; a name it does not know is as in a booking. */
export const SUGGESTION_ROWS: readonly RestRow[] = [
  row('POST /calendar/suggestions', 'any', rules.WORKED, { ask: () => ({ body: asked }) }),
  row('POST /calendar/suggestions', 'any', rules.WORKED, { ask: () => ({ body: {} }), after: ['invalid_input'] }),
  row('POST /calendar/suggestions', 'user', rules.USER_INVITED, {
    ask: ({ id }) => ({ body: { ...asked, required: [id] } }),
  }),
  row('POST /calendar/suggestions', 'user', rules.USER_INVITED, {
    ask: ({ id }) => ({ body: { ...asked, groups: [{ kOf: 1, userIds: [id] }] } }),
  }),
  row('POST /calendar/suggestions', 'room', rules.ROOM_NAMED_BY_WORKER, {
    ask: ({ id }) => ({ body: { ...asked, rooms: { anyOf: [id] } } }),
  }),
]

export const SUGGESTION_FIELDS: readonly GraphRow[] = [
  {
    operation: 'query suggestions',
    kind: 'user',
    grid: rules.USER_INVITED,
    field: ({ id }) => `suggestions(input: { ${ASKED}, required: ["${id}"] }) { total slots { start reasons } }`,
  },
  {
    operation: 'query suggestions',
    kind: 'room',
    grid: rules.ROOM_NAMED_BY_WORKER,
    field: ({ id }) => `suggestions(input: { ${ASKED}, rooms: { anyOf: ["${id}"] } }) { total blocking { sentence } }`,
  },
]
