import type { RefusalCode } from '../../domain/refusals.ts'
import { type Grid, withPanels } from './grid.ts'
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

const own = ({ roomId, allocationId }: Target) => ({ roomId, allocationId })
const roomOf = ({ roomId }: Target) => roomId

export const SOCKET_ROWS: readonly SocketRow[] = [
  command('topic.unwatch', 'any', rules.ANYBODY_SIGNED_IN, ({ id }) => ({ topic: `room:${id}` })),
  command('room.checkIn', 'booking', rules.BOOKING_USED, own),
  command('room.keep', 'booking', rules.BOOKING_USED, own),
  command('room.extend', 'booking', rules.BOOKING_USED, (target) => ({ ...own(target), minutes: 480 })),
  command('room.end', 'booking', rules.BOOKING_USED, ({ roomId, laterId }) => ({ roomId, allocationId: laterId })),
  command('room.release', 'booking', rules.BOOKING_RELEASED, own),
  command('room.walkUp', 'room', rules.ROOM_WALKED_INTO, ({ roomId }) => ({ roomId })),
  topic('meeting', 'meeting', rules.MEETING_READ),
  topic('room', 'booking', rules.BOOKING_WATCHED, roomOf),
  { ...topic('person', 'user', rules.OWN_WATCHED), sight: (ack, target) => listed([ack], target) },
  { ...topic('floor', 'floor', rules.FLOOR_WATCHED), sight: (ack, target) => listed([ack], target) },
  topic('dashboard', 'dashboard', withPanels(rules.FLOOR_SEEN, '404'), ({ id }) => `rooms:${id}`),
]
