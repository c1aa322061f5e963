import type { Pool } from 'pg'
import { v7 } from 'uuid'
import { createMeetingsStore } from '../../db/meetings/meetings-tx.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type BookMeeting, type Booked, bookMeeting } from '../../domain/meetings/book-meeting.ts'
import type { MeetingsDeps } from '../../domain/meetings/ports.ts'
import type { Refusal } from '../../domain/refusals.ts'
import type { Result } from '../../domain/result.ts'
import { instant } from '../../domain/time/instant.ts'

/** The domain command as every door calls it, on the real store. */
export type Book = (actor: Actor, cmd: BookMeeting) => Promise<Result<Booked, Refusal>>

export const MACHINE = {
  now: () => instant(Date.now()),
  newId: () => v7(),
  tzVersion: process.versions['tz'] ?? 'unknown',
}

export function booker(pool: Pool): Book {
  const deps: MeetingsDeps = { ...MACHINE, ...createMeetingsStore(pool, MACHINE, () => {}) }
  return (actor, cmd) => bookMeeting(deps, actor, cmd)
}

/** For where a refusal is a fault. */
export async function mustBook(book: Book, actor: Actor, cmd: BookMeeting): Promise<Booked> {
  const result = await book(actor, cmd)
  if (!result.ok) throw new Error(`a free slot was refused: ${JSON.stringify(result.error)}`)
  return result.value
}
