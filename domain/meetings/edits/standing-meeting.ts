import type { Standing } from '../claims.ts'
import type { Claim } from '../meeting.ts'
import { ownSeatings, roomIdsOf } from '../occurrence-look.ts'
import { factsOf } from '../open-meeting.ts'
import type { BookingFacts, MeetingAggregate, MeetingsTx } from '../ports.ts'

/** A meeting as it is before a command changes it, with all it claims. */
export interface StandingMeeting {
  aggregate: MeetingAggregate
  facts: BookingFacts
  claims: Claim[]
  /** The rooms that occurrences gave back or left early, as `settledKey`. */
  settled: ReadonlySet<string>
  /** The same for `planClaims`. */
  standing: Standing
}

export async function standingOf(tx: MeetingsTx, aggregate: MeetingAggregate): Promise<StandingMeeting> {
  const { meeting, participants } = aggregate
  const [facts, claims, settled] = await Promise.all([
    factsOf(tx, aggregate),
    tx.claimsOf(meeting.id),
    tx.settled(meeting.id),
  ])
  const named = roomIdsOf(aggregate)
  return {
    aggregate,
    facts,
    claims,
    settled,
    standing: {
      organizerId: meeting.organizerId,
      participants,
      rooms: meeting.roomIds.flatMap((id) => facts.rooms.get(id) ?? []),
      own: ownSeatings(aggregate, facts),
      claims,
      // A room that a single meeting gave back is none of its rooms any more: who names it again gets it again.
      settled: new Set([...settled].filter((key) => named.some((id) => key.startsWith(id)))),
    },
  }
}
