import pg from 'pg'
import { v7 } from 'uuid'
import type { Actor } from '../../domain/identity/actor.ts'
import type { BookMeeting } from '../../domain/meetings/book-meeting.ts'
import { type Instant, MINUTE_MS, instant, plus } from '../../domain/time/instant.ts'

export const ROOMS = 500
export const PEOPLE = 600
const SLOT_MS = 30 * MINUTE_MS

/** One organisation with rooms and people, and a diary that hands out every free slot of every room once. */
export interface Office {
  organizationId: string
  roomIds: readonly string[]
  people: readonly string[]
  actor(person: number): Actor
  /** The next free slot of the next room: nobody else is ever given it. */
  nextSlot(): Slot
}

export interface Slot {
  roomId: string
  start: Instant
  end: Instant
}

export async function openOffice(url: string, rooms = ROOMS, people = PEOPLE): Promise<Office> {
  const organizationId = v7()
  const roomIds = Array.from({ length: rooms }, () => v7())
  const userIds = Array.from({ length: people }, () => v7())
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    await owner.query('INSERT INTO identity.organization VALUES ($1, $2, now())', [
      organizationId,
      `Load ${organizationId}`,
    ])
    await owner.query(
      `INSERT INTO users (organization_id, id, email, first_name, last_name, role, timezone, working_hours, created_at, updated_at)
       SELECT $1, id, id || '@example.org', 'Ada', 'Load', 'member', 'Europe/Berlin', '{}', now(), now() FROM unnest($2::uuid[]) AS u (id)`,
      [organizationId, userIds],
    )
    await owner.query(
      `INSERT INTO room (organization_id, id, name, capacity, created_at, updated_at)
       SELECT $1, id, 'Room ' || id, 600, now(), now() FROM unnest($2::uuid[]) AS r (id)`,
      [organizationId, roomIds],
    )
    // What a store that has been running knows about its tables.
    await owner.query('ANALYZE users, room')
  } finally {
    await owner.end()
  }

  let taken = 0
  const firstDay = instant(Date.UTC(new Date().getUTCFullYear() + 1, 0, 4))
  return {
    organizationId,
    roomIds,
    people: userIds,
    actor: (person) => ({
      organizationId,
      userId: userIds[person % people] as string,
      role: 'member',
      sessionId: organizationId,
      requestId: 'load',
    }),
    nextSlot() {
      const start = plus(firstDay, Math.floor(taken / rooms) * SLOT_MS)
      return { roomId: roomIds[taken++ % rooms] as string, start, end: plus(start, SLOT_MS) }
    },
  }
}

/** One room for half an hour, for whoever books it. */
export function bookingOf({ roomId, start, end }: Slot, more: Partial<BookMeeting> = {}): BookMeeting {
  return {
    title: 'Weekly planning',
    description: '',
    start: { instant: start },
    end: { instant: end },
    timezone: 'Europe/Berlin',
    recurrence: null,
    participants: [],
    roomIds: [roomId],
    onConflict: 'reject',
    status: 'confirmed',
    visibility: 'organization',
    metadata: {},
    ...more,
  }
}
