import { type Conflict, type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type ClaimRequest, MAX_CONFLICTS } from './claims.ts'
import { type Claim, isLive } from './meeting.ts'
import type { LostClaim, MeetingsTx, RoomFacts } from './ports.ts'
import { suggestSlots } from './suggest-slots.ts'

/**
 * What to do when a room is taken for some occurrences: refuse the whole, leave those occurrences out, or give them other rooms
 * (alternate-rooms.ts; here it is like `reject`).
 */
export type OnConflict = 'reject' | 'skip' | 'alternate_room'

/**
 * After the store, the only judge, did not grant every claim: answers the occurrences to leave out (`skip`), or refuses with
 * what stands in the way of each and with rooms and times that would work.
 */
export async function settleLost(
  tx: MeetingsTx,
  meetingId: string,
  request: ClaimRequest,
  claims: readonly Claim[],
  onConflict: OnConflict,
): Promise<Result<LocalTime[], Refusal>> {
  const lost = await tx.lostClaims(meetingId, claims)
  const lostIds = [...new Set(lost.map((claim) => claim.recurrenceId))]
  const live = request.occurrences.filter(isLive).length
  if (onConflict === 'skip' && lostIds.length < live) return ok(lostIds)
  // This transaction ends here; what it was granted must not look taken to the suggestions.
  await tx.release(meetingId, claims)
  const conflicts = lost.slice(0, MAX_CONFLICTS).map((claim) => conflictOf(claim, claims))
  const refusal = refuse('slot_conflict', sentence(lostIds.length, live, roomsOf(request), lost), { conflicts })
  return refuseWithWay(tx, refusal, request)
}

/** A refused booking with what would work instead; any other refusal as it is. */
export async function refuseWithWay(
  tx: MeetingsTx,
  refusal: Refusal,
  request: ClaimRequest,
): Promise<Result<never, Refusal>> {
  if (!isRefusedBooking(refusal)) return err(refusal)
  return err({ ...refusal, conflicts: refusal.conflicts ?? [], suggestions: await suggestSlots(tx, request) })
}

export function isRefusedBooking({ code }: Refusal): boolean {
  return code === 'slot_conflict' || code === 'capacity' || code === 'rule_violation'
}

export type OccurrenceConflict = Conflict & { recurrenceId: LocalTime }

/** Those of its conflicts that say of which occurrence they are. */
export function conflictsPerOccurrence({ conflicts = [] }: Refusal): OccurrenceConflict[] {
  return conflicts.filter((conflict): conflict is OccurrenceConflict => conflict.recurrenceId !== undefined)
}

function conflictOf({ resourceId, recurrenceId, blocker }: LostClaim, claims: readonly Claim[]): Conflict {
  const asked = claims.find((c) => c.resourceId === resourceId && c.recurrenceId === recurrenceId) as Claim
  const { start, end, kind } = blocker ?? { ...asked, kind: 'booking' as const }
  return { resourceId, recurrenceId, start, end, kind }
}

/** Of the series and of the occurrences that have their own, each once. */
function roomsOf({ rooms, own }: ClaimRequest): RoomFacts[] {
  const all = [...rooms, ...[...(own?.values() ?? [])].flatMap((seating) => seating.rooms)]
  return [...new Map(all.map((room) => [room.id, room])).values()]
}

function sentence(lost: number, live: number, rooms: readonly RoomFacts[], claims: readonly LostClaim[]): string {
  const taken = rooms.filter((room) => claims.some((claim) => claim.resourceId === room.id)).map((room) => room.name)
  const names = `${taken.join(' and ')} ${taken.length > 1 ? 'are' : 'is'} already taken`
  return live === 1 ? `${names} at that time.` : `${names} for ${lost} of ${live} occurrences.`
}
