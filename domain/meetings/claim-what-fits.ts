import type { Ids } from '../deps.ts'
import type { Instant } from '../time/instant.ts'
import { planClaims } from './claims.ts'
import { type Claim, type Occurrence, isLive } from './meeting.ts'
import { ownSeatings } from './occurrence-look.ts'
import type { BookingFacts, MeetingAggregate, MeetingsTx } from './ports.ts'

/**
 * Claims for these occurrences, which claim nothing yet, what can be had. Those that cannot have all of it become
 * `conflicted`, in place, and give up the rest: their rows are the caller's to write. For work that nobody asked for, and that nobody
 * is there to be refused. `without`: claims that are not made.
 */
export async function claimWhatFits(
  ids: Ids,
  tx: MeetingsTx,
  { meeting, participants }: MeetingAggregate,
  occurrences: readonly Occurrence[],
  facts: BookingFacts,
  now: Instant,
  without: (claim: Claim) => boolean = () => false,
): Promise<Claim[]> {
  const rooms = meeting.roomIds.flatMap((id) => facts.rooms.get(id) ?? [])
  const { organizerId } = meeting
  const own = ownSeatings({ meeting, participants, occurrences: [...occurrences] }, facts)
  const request = { now, organizerId, participants, rooms, own, isRecurring: meeting.rrule !== null }
  const claims = occurrences.filter(isLive).flatMap((occurrence) => {
    const planned = planClaims(ids, { ...request, occurrences: [occurrence] })
    if (planned.ok) return planned.value.added.filter((claim) => !without(claim))
    occurrence.status = 'conflicted'
    return []
  })
  if (claims.length === 0 || (await tx.claim(meeting.id, claims))) return claims
  const lost = new Set((await tx.lostClaims(meeting.id, claims)).map((claim) => claim.recurrenceId))
  for (const occurrence of occurrences) if (lost.has(occurrence.recurrenceId)) occurrence.status = 'conflicted'
  await tx.release(
    meeting.id,
    claims.filter((claim) => lost.has(claim.recurrenceId)),
  )
  return claims.filter((claim) => !lost.has(claim.recurrenceId))
}
