import * as rules from './rules.ts'
import { type RestRow, nextWeek, row } from './rest-row.ts'
import { item, list } from './sight.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'
const slot = { start: nextWeek.startTime, end: nextWeek.endTime, ttlSeconds: 1 }

/** Holds: whoever may book may hold; a hold is nobody's but its owner's. */
export const HOLD_ROWS: readonly RestRow[] = [
  row('POST /holds', 'room', rules.ROOM_NAMED_BY_WORKER, {
    ask: ({ id }) => ({ body: { resourceIds: [id], ...slot } }),
    after: ['slot_conflict', 'too_large'],
  }),
  row('POST /holds', 'any', rules.WORKED, { ask: () => ({ body: {} }), after: ['invalid_input'] }),
  row('GET /holds', 'hold', rules.OWN_SEEN, { sight: list }),
  row('GET /holds/:id', 'hold', rules.OWN_SEEN, { sight: item }),
  row('POST /holds/:id/renew', 'hold', rules.HOLD_OWNED, { after: ['illegal_transition'] }),
  row('POST /holds/:id/convert', 'hold', rules.HOLD_OWNED, {
    ask: () => ({ body: { title: 'Held', timezone: 'UTC', participants: [{ userId: NOBODY }] } }),
    after: ['unknown_reference'],
  }),
  // Wrong by itself; that it is not there comes first all the same.
  row('POST /holds/:id/convert', 'hold', rules.HOLD_OWNED, { after: ['invalid_input'] }),
  row('DELETE /holds/:id', 'hold', rules.HOLD_OWNED, { ask: ({ roomId }) => ({ params: { id: roomId } }) }),
]
