/**
 * A live subject a client can watch: `room:<id>`, `person:<id>`, `meeting:<id>`, `holds:<room, person or floor id>`, and what the
 * relay derives from the news of rooms: `floor:<id>`, `dashboard:<kind>:<scope>`.
 */
export type Topic = `${TopicKind}:${string}`
export const TOPIC_KINDS = ['room', 'person', 'meeting', 'holds', 'floor', 'dashboard'] as const
export type TopicKind = (typeof TOPIC_KINDS)[number]

/** What happened, as a past fact. These names are on the wire: sockets, GraphQL, webhooks and `GET /events` alike. */
export const EVENT_TYPES = [
  'meeting.created',
  'meeting.updated',
  'meeting.cancelled',
  'participant.invited',
  'participant.responded',
  'room.booked',
  'room.released',
  'room.updated',
  'room.reserved',
  'room.meeting_updated',
  'room.checked_in',
  'room.release_warned',
  'room.release_vetoed',
  'room.extended',
  'room.ended',
  'room.overrun',
  'room.occupancy',
  'hold.placed',
  'hold.renewed',
  'hold.changed',
  'hold.released',
  'hold.converted',
  'hold.expired',
  'floor.changed',
  'dashboard.changed',
  'user.updated',
  'reminder.sent',
  'calendar.synced',
  'device.paired',
  'device.revoked',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** At most one per topic and command; the store numbers them without gaps (db/outbox.ts). */
export interface NewsEvent {
  topic: Topic
  type: EventType
  data: object
}

/** What the record keeps of a mutation. `detail` holds ids and facts, never text that people wrote. */
export interface AuditEntry {
  action: string
  subjectId: string
  detail?: object
}

/** Streams the relay spreads topics over; a node reads only those it has listeners for. */
export const SHARDS = 16

/** FNV-1a over the topic's characters: the same on every node, whatever its process. */
export function shardOf(topic: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < topic.length; i++) hash = Math.imul(hash ^ topic.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % SHARDS
}
