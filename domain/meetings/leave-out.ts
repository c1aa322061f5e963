import type { LocalTime } from '../time/local-time.ts'
import type { Claim } from './meeting.ts'
import type { Repairs } from './plans/repairs.ts'
import type { MeetingAggregate, MeetingsTx } from './ports.ts'

/**
 * Cancels the occurrences `onConflict: "skip"` could not seat, with everything they claim, and answers the claims that
 * stand. The identity of an occurrence left out is kept, so no later edit brings it back by accident.
 */
export async function leaveOut(
  tx: MeetingsTx,
  aggregate: MeetingAggregate,
  claims: readonly Claim[],
  skipped: readonly LocalTime[],
): Promise<Claim[]> {
  if (skipped.length === 0) return [...claims]
  const left = new Set(skipped)
  for (const occurrence of aggregate.occurrences) {
    if (!left.has(occurrence.recurrenceId)) continue
    occurrence.status = 'cancelled'
    occurrence.override = { ...occurrence.override, cancelled: true }
  }
  await tx.release(
    aggregate.meeting.id,
    claims.filter((claim) => left.has(claim.recurrenceId)),
  )
  await tx.update(aggregate.meeting, { occurrences: aggregate.occurrences })
  return claims.filter((claim) => !left.has(claim.recurrenceId))
}

/** For the record: everything that a command left out, by what is said of single occurrences and by whom the store refused. */
export function allLeftOut(skipped: readonly LocalTime[], ...repairs: (Repairs | undefined)[]): LocalTime[] {
  const others = repairs.flatMap((one) => [...(one ?? [])].filter(([, { kind }]) => kind === 'skip'))
  return [...others.map(([recurrenceId]) => recurrenceId), ...skipped].toSorted()
}

export function leftOutWarning(recurrenceId: LocalTime): string {
  return `Occurrence ${recurrenceId} was left out: a room is taken then.`
}
