import { type Standing, settledKey } from '../claims.ts'
import type { Claim, Occurrence } from '../meeting.ts'
import { lookOf, ownSeatings } from '../occurrence-look.ts'
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
  const { meeting, participants, occurrences } = aggregate
  const [facts, claims, settled] = await Promise.all([
    factsOf(tx, aggregate),
    tx.claimsOf(meeting.id),
    tx.settled(meeting.id),
  ])
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
      // A room that was given back is not named any more: who names it again gets it again.
      settled:
        settled.size === 0
          ? settled
          : new Set(occurrences.flatMap(inItsRooms(aggregate)).filter((key) => settled.has(key))),
    },
  }
}

function inItsRooms(aggregate: MeetingAggregate): (occurrence: Occurrence) => string[] {
  return (occurrence) => lookOf(aggregate, occurrence).roomIds.map((id) => settledKey(id, occurrence))
}
