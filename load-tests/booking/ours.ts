import type { Pool } from 'pg'
import { v7 } from 'uuid'
import { createMeetingsStore } from '../../db/meetings/meetings-tx.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type BookMeeting, type Booked, bookMeeting } from '../../domain/meetings/book-meeting.ts'
import type { MeetingsDeps } from '../../domain/meetings/ports.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err } from '../../domain/result.ts'
import { instant } from '../../domain/time/instant.ts'

/** The domain command as every door calls it, on the real store. */
export type Book = (actor: Actor, cmd: BookMeeting) => Promise<Result<Booked, Refusal>>

export const MACHINE = {
  now: () => instant(Date.now()),
  newId: () => v7(),
  tzVersion: process.versions['tz'] ?? 'unknown',
}

/** `onError` hears of what a door would answer with a 5xx; the caller is told `unavailable`. */
export function booker(pool: Pool, onError: (error: Error) => void): Book {
  const deps: MeetingsDeps = { ...MACHINE, ...createMeetingsStore(pool, MACHINE, () => {}) }
  return async (actor, cmd) => {
    try {
      return await bookMeeting(deps, actor, cmd)
    } catch (error) {
      onError(error as Error)
      return err(refuse('unavailable'))
    }
  }
}

/** Books a slot that nobody else wants; answers how many bookings that made. */
export async function bookFree(book: Book, actor: Actor, cmd: BookMeeting): Promise<0 | 1> {
  const result = await book(actor, cmd)
  if (result.ok) return 1
  if (result.error.code === 'unavailable') return 0
  throw new Error(`a free slot was refused: ${JSON.stringify(result.error)}`)
}
