import type { Pool } from 'pg'
import type { NewsRow } from '../db/news-log.ts'
import { forgottenRooms } from '../db/rooms/forgotten-rooms.ts'
import { createRoomUseStore } from '../db/rooms/room-use-tx.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import { advanceRoom } from '../domain/rooms/advance-room.ts'
import { MAX_CHECK_IN_OPENS_MINUTES } from '../domain/rooms/room.ts'
import { parseInstant } from '../domain/time/iso.ts'
import { type Instant, MINUTE_MS, instant, plus } from '../domain/time/instant.ts'
import type { SingleJob } from './job.ts'

export interface RoomClockDeps extends Clock, Ids {
  /** As convoke_app. */
  pool: Pool
  tzVersion: string
  onNews: () => void
}

const KIND = 'room'

/**
 * What time does to rooms: check-in opens, a warning, a release, an end. One row per room, due when the next of these comes.
 * Everything is decided from the bookings and their facts as they are then, so a turn may come twice, late or not at all: the next
 * one does what is due.
 */
export function createRoomClock(deps: RoomClockDeps): SingleJob {
  const rooms = { ...deps, ...createRoomUseStore(deps) }
  return {
    kind: KIND,
    run: ({ organizationId, subject }) =>
      advanceRoom(rooms, { organizationId, roomId: subject, requestId: deps.newId() }),
    wakenBy,
    async sweep(now) {
      const forgotten = await forgottenRooms(deps.pool, KIND, now)
      return forgotten.map(({ organizationId, roomId }) => ({ organizationId, subject: roomId, dueAt: now }))
    },
  }
}

/** A booking of next month needs no look today; anything else that happens in a room may. */
function wakenBy({ topic, type, data }: NewsRow, now: Instant): { subject: string; dueAt: Instant }[] {
  if (!topic.startsWith('room:') || !type.startsWith('room.')) return []
  if (type === 'room.released' || type === 'room.meeting_updated') return []
  const subject = topic.slice('room:'.length)
  if (type !== 'room.booked') return [{ subject, dueAt: now }]
  const { booked = [] } = data as { booked?: { start: string; end: string }[] }
  const starts = booked.flatMap(({ start, end }) => {
    const [from, until] = [parseInstant(start), parseInstant(end)]
    return from === undefined || until === undefined || until <= now ? [] : [from]
  })
  if (starts.length === 0) return []
  const first = plus(instant(Math.min(...starts)), -MAX_CHECK_IN_OPENS_MINUTES * MINUTE_MS)
  return [{ subject, dueAt: first > now ? first : now }]
}
