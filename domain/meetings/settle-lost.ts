import { type Conflict, type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import { MAX_CONFLICTS } from './claims.ts'
import type { Claim } from './meeting.ts'
import type { LostClaim, MeetingAggregate, MeetingsTx, RoomFacts } from './ports.ts'
import { suggestSlots } from './suggest-slots.ts'

/** What to do when a room is taken for some occurrences: refuse the whole, or leave those occurrences out. */
export type OnConflict = 'reject' | 'skip'

/**
 * After the store, the only judge, did not grant every claim: answers the occurrences to leave out (`skip`), or refuses with
 * what stands in the way of each and with rooms and times that would work.
 */
export async function settleLost(
  tx: MeetingsTx,
  { meeting, occurrences, participants }: MeetingAggregate,
  claims: readonly Claim[],
  rooms: readonly RoomFacts[],
  onConflict: OnConflict,
  now: Instant,
): Promise<Result<LocalTime[], Refusal>> {
  const lost = await tx.lostClaims(meeting.id, claims)
  const lostIds = [...new Set(lost.map((claim) => claim.recurrenceId))]
  const live = new Set(claims.map((claim) => claim.recurrenceId))
  if (onConflict === 'skip' && lostIds.length < live.size) {
    await tx.release(meeting.id, claims.filter((claim) => lostIds.includes(claim.recurrenceId)))
    return ok(lostIds)
  }
  const spans = occurrences.filter((occurrence) => live.has(occurrence.recurrenceId))
  const conflicts = lost.slice(0, MAX_CONFLICTS).map((claim) => conflictOf(claim, claims))
  const suggestions = await suggestSlots(tx, { rooms, spans, heads: participants.length + 1, now })
  return err(refuse('slot_conflict', sentence(lostIds.length, live.size, rooms, lost), { conflicts, suggestions }))
}

function conflictOf({ resourceId, recurrenceId, blocker }: LostClaim, claims: readonly Claim[]): Conflict {
  const asked = claims.find((c) => c.resourceId === resourceId && c.recurrenceId === recurrenceId) as Claim
  const { start, end } = blocker ?? asked
  return { resourceId, recurrenceId, start, end, kind: 'booking' }
}

function sentence(lost: number, all: number, rooms: readonly RoomFacts[], claims: readonly LostClaim[]): string {
  const taken = rooms.filter((room) => claims.some((claim) => claim.resourceId === room.id)).map((room) => room.name)
  const names = taken.join(' and ')
  return all === 1 ? `${names} is already taken at that time.` : `${names} is already taken for ${lost} of ${all} occurrences.`
}
