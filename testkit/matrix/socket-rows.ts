import type { RefusalCode } from '../../domain/refusals.ts'
import { type Grid, renamed, withPanels } from './grid.ts'
import * as rules from './rules.ts'
import { item, listed } from './sight.ts'
import type { Kind, Target } from './things.ts'

/** One command of the socket, or one kind of topic that it may watch. */
export interface SocketRow {
  /** `topic.watch room` stands for the topic, `room.checkIn` for the command. */
  operation: string
  kind: Kind
  grid: Grid
  name: string
  payload: (target: Target) => object
  after?: readonly RefusalCode[]
  sight?: (ack: unknown, target: Target) => string
}

const USE_STOPS: readonly RefusalCode[] = ['illegal_transition', 'rule_violation', 'slot_conflict']

function command(name: string, kind: Kind, of: Grid, payload: SocketRow['payload']): SocketRow {
  return { operation: name, name, kind, grid: of, payload, after: USE_STOPS }
}

function topic(
  kindOfTopic: string,
  kind: Kind,
  of: Grid,
  idOf: (target: Target) => string = ({ id }) => id,
): SocketRow {
  return {
    operation: `topic ${kindOfTopic}`,
    name: 'topic.watch',
    kind,
    grid: of,
    payload: (target) => ({ topic: `${kindOfTopic}:${idOf(target)}` }),
    sight: item,
  }
}

/** Where there may be nothing to see. */
function watched(kindOfTopic: string, kind: Kind, of: Grid): SocketRow {
  const { sight: _, ...row } = topic(kindOfTopic, kind, of)
  return row
}

const NEXT_WEEK = { start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z', ttlSeconds: 1 }
const own = ({ roomId, allocationId }: Target) => ({ roomId, allocationId })
const roomOf = ({ roomId }: Target) => roomId

const { ttlSeconds: _, ...SPAN } = NEXT_WEEK
const LOOK = { window: { from: SPAN.start, to: SPAN.end }, granularityMinutes: 15 }
const USERS_KNOWN = withPanels(renamed(rules.USER_SEEN, 'see', 'ok'), '404')

const AVAILABILITY_COMMANDS: readonly SocketRow[] = [
  command('availability.watch', 'user', USERS_KNOWN, ({ id }) => ({ subjects: [{ userId: id }], ...LOOK })),
  command('availability.watch', 'room', renamed(rules.ROOM_SEEN, 'see', 'ok'), ({ id }) => ({
    subjects: [{ roomId: id }],
    ...LOOK,
  })),
  command('drag.start', 'user', USERS_KNOWN, ({ id }) => ({ subjects: [{ userId: id }], ...SPAN })),
  command('drag.move', 'any', rules.NOTHING_THERE, ({ id }) => ({ dragId: id, ...SPAN })),
  command('drag.end', 'any', rules.ANYBODY_SIGNED_IN, ({ id }) => ({ dragId: id })),
]

export const SOCKET_ROWS: readonly SocketRow[] = [
  command('topic.unwatch', 'any', rules.ANYBODY_SIGNED_IN, ({ id }) => ({ topic: `room:${id}` })),
  command('room.checkIn', 'booking', rules.BOOKING_USED, own),
  command('room.keep', 'booking', rules.BOOKING_USED, own),
  command('room.extend', 'booking', rules.BOOKING_USED, (target) => ({ ...own(target), minutes: 480 })),
  command('room.end', 'booking', rules.BOOKING_USED, ({ roomId, laterId }) => ({ roomId, allocationId: laterId })),
  command('room.release', 'booking', rules.BOOKING_RELEASED, own),
  command('room.walkUp', 'room', rules.ROOM_WALKED_INTO, ({ roomId }) => ({ roomId })),
  {
    ...command('hold.place', 'room', rules.ROOM_NAMED_BY_WORKER, ({ id }) => ({ resourceIds: [id], ...NEXT_WEEK })),
    after: ['slot_conflict', 'too_large'],
  },
  command('hold.renew', 'hold', withPanels(rules.HOLD_OWNED, '404'), ({ id }) => ({ holdId: id })),
  command('hold.release', 'hold', withPanels(rules.HOLD_OWNED, '404'), ({ laterId }) => ({ holdId: laterId })),
  { ...topic('holds', 'user', rules.HOLDS_OF_PERSON_WATCHED), sight: (ack, target) => listed([ack], target) },
  watched('holds', 'room', renamed(rules.ROOM_SEEN, 'see', 'ok')),
  watched('holds', 'floor', renamed(rules.FLOOR_WATCHED, 'see', 'ok')),
  ...AVAILABILITY_COMMANDS,
  topic('meeting', 'meeting', rules.MEETING_READ),
  topic('room', 'booking', rules.BOOKING_WATCHED, roomOf),
  { ...topic('person', 'user', rules.OWN_WATCHED), sight: (ack, target) => listed([ack], target) },
  { ...topic('floor', 'floor', rules.FLOOR_WATCHED), sight: (ack, target) => listed([ack], target) },
  topic('dashboard', 'dashboard', withPanels(rules.FLOOR_SEEN, '404'), ({ id }) => `rooms:${id}`),
]
