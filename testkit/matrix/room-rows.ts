import { unique } from '../api.ts'
import * as rules from './rules.ts'
import { type Asked, type RestRow, OUTDATED, USE_STOPS, nextWeek, row, span, window } from './rest-row.ts'
import { item, list, listed } from './sight.ts'
import type { Target } from './things.ts'

const inRoom = (target: Target, more: object = {}): Asked => ({ params: { id: target.roomId }, body: more })

/** Rooms, where they are, and what people in front of them do. */
export const ROOM_ROWS: readonly RestRow[] = [
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

function refusedSample(body: unknown): string | undefined {
  return (body as { refused: { code: string }[] }).refused[0]?.code
}
