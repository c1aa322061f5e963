import type { Actor } from '../identity/actor.ts'
import { type Seating, headCount } from '../meetings/claims.ts'
import { targetOf } from '../meetings/edits/edit-scope.ts'
import { lookOf } from '../meetings/occurrence-look.ts'
import { authorise, authoriseOccurrences, goneRefusal, transitionRefusal } from '../meetings/open-meeting.ts'
import type { MeetingAggregate } from '../meetings/ports.ts'
import type { Refusal } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'

/** A meeting that somebody thinks of moving, or one occurrence of it, and who comes there. */
export interface MovedMeeting extends Party {
  meetingId: string
  recurrenceId?: string | undefined
  isRecurring: boolean
}

/** Of participants only those `inSeries` count. */
type Party = Omit<Seating, 'rooms'>

/** Refuses like a change of it: `not_found` (also an occurrence), `forbidden`, `illegal_transition`. */
export function movedMeeting(
  actor: Actor,
  loaded: MeetingAggregate | undefined,
  recurrenceId: string | undefined,
): Result<MovedMeeting, Refusal> {
  const allowed = authorise(actor, 'update', loaded)
  if (!allowed.ok) return allowed
  const { meeting } = allowed.value
  const target = targetOf(allowed.value, recurrenceId === undefined ? {} : { scope: 'this', recurrenceId })
  if (!target.ok) return target
  const one = 'occurrence' in target.value ? target.value.occurrence : undefined
  const refusal =
    (one && authoriseOccurrences(actor, allowed.value, [one])) ??
    transitionRefusal(meeting, 'change') ??
    (one && goneRefusal(one))
  if (refusal !== undefined) return err(refusal)
  const { participants } = one ? lookOf(allowed.value, one) : allowed.value
  const { id: meetingId, organizerId } = meeting
  return ok({
    meetingId,
    recurrenceId: one?.recurrenceId,
    isRecurring: meeting.rrule !== null,
    organizerId,
    participants,
  })
}

/** How many seats it takes with these people beside those it has; who has declined stays away. */
export function headsWith(party: Party, people: readonly string[]): number {
  const invited = party.participants.flatMap(({ inSeries, userId }) => (inSeries ? (userId ?? []) : []))
  const known = new Set([party.organizerId, ...invited])
  return headCount(party) + new Set(people.filter((id) => !known.has(id))).size
}
