import type { EventType, NewsEvent } from '../news.ts'
import { formatInstant } from '../time/iso.ts'
import { type Hold, type HoldClaim, holdView } from './hold.ts'

export type HoldEventType = Extract<EventType, `hold.${string}`>
/** How a hold ends. `converted`: its owner booked what it held. */
export type HoldEnd = 'hold.released' | 'hold.converted' | 'hold.expired'

/** A hold that a command has taken away, or rooms of it. */
export interface EndedHold {
  /** With the claims that went. */
  hold: Hold
  type: HoldEnd
  /** The same with those that stay; absent when it is gone. */
  rest?: Hold
}

/** A span of a room that is held, as its topic and schedule carry it. */
export interface HoldSpan {
  allocationId: string
  holdId: string
  start: string
  end: string
  kind: 'hold'
  status: 'held'
  expiresAt: string
}

/**
 * What happened to a hold, for who looks at its resources: one event on `holds:<id>` of each and of each floor, and one on each
 * `room:<id>`, whose schedule it changes. Topics of rooms and floors name rooms only, since more people may watch them than may
 * know of people. That a hold has expired is told to its owner as well.
 */
export function holdNews(type: HoldEventType, hold: Hold): NewsEvent[] {
  const rooms = hold.claims.filter((claim) => claim.resourceKind === 'room')
  const people = hold.claims.filter((claim) => claim.resourceKind === 'person')
  const [ofRooms, whole] = [holdView(hold, rooms), holdView(hold)]
  const isStanding = type === 'hold.placed' || type === 'hold.renewed' || type === 'hold.changed'
  return [
    ...placesOf(rooms).map((id): NewsEvent => ({ topic: `holds:${id}`, type, data: ofRooms })),
    ...people.map(({ resourceId }): NewsEvent => ({ topic: `holds:${resourceId}`, type, data: whole })),
    ...rooms.map((claim): NewsEvent => ({
      topic: `room:${claim.resourceId}`,
      type,
      data: { booked: isStanding ? [holdSpan(hold, claim)] : [], released: isStanding ? [] : [claim.id] },
    })),
    ...(type === 'hold.expired' ? [{ topic: `person:${hold.userId}`, type, data: whole } as const] : []),
  ]
}

/**
 * Where it is gone that is said. Where a part of it stays, that is `hold.changed` and said once, also on a floor that has both; the
 * schedules of the rooms that stay are as they were.
 */
function endNews({ hold, type, rest }: EndedHold): NewsEvent[] {
  const changed = rest === undefined ? [] : holdNews('hold.changed', rest).filter(({ topic }) => !isOfRoom(topic))
  const staysOn = new Set(changed.map(({ topic }) => topic))
  return [...holdNews(type, hold).filter(({ topic }) => !staysOn.has(topic)), ...changed]
}

function isOfRoom(topic: string): boolean {
  return topic.startsWith('room:')
}

/** Rooms and their floors. */
function placesOf(rooms: readonly HoldClaim[]): string[] {
  return [...new Set(rooms.flatMap(({ resourceId, floorId }) => [resourceId, floorId ?? []].flat()))]
}

export function holdSpan(
  { id, expiresAt }: Pick<Hold, 'id' | 'expiresAt'>,
  claim: Pick<HoldClaim, 'id' | 'start' | 'end'>,
): HoldSpan {
  return {
    allocationId: claim.id,
    holdId: id,
    start: formatInstant(claim.start),
    end: formatInstant(claim.end),
    kind: 'hold',
    status: 'held',
    expiresAt: formatInstant(expiresAt),
  }
}

/** The news of a command together with that of the holds it has taken away: what it says of a room anyway says this, too. */
export function withEndedHolds(events: readonly NewsEvent[], ended: readonly EndedHold[]): NewsEvent[] {
  if (ended.length === 0) return [...events]
  const byTopic = new Map(events.map((event) => [event.topic, event]))
  const added: NewsEvent[] = []
  for (const event of ended.flatMap(endNews)) {
    const told = isOfRoom(event.topic) ? byTopic.get(event.topic) : undefined
    if (told === undefined) {
      if (isOfRoom(event.topic)) byTopic.set(event.topic, event)
      else added.push(event)
    } else {
      const gone = [...releasedOf(told), ...releasedOf(event)]
      byTopic.set(event.topic, { ...told, data: { ...told.data, released: gone } })
    }
  }
  return [...added, ...byTopic.values()]
}

function releasedOf({ data }: NewsEvent): string[] {
  return (data as { released?: string[] }).released ?? []
}
