import type { Actor } from '../identity/actor.ts'
import { type BookMeeting, type Booked, bookMeeting } from '../meetings/book-meeting.ts'
import type { ParticipantInput } from '../meetings/invitees.ts'
import type { MeetingsDeps } from '../meetings/ports.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Hold } from './hold.ts'
import { ownHold } from './own-hold.ts'
import type { HoldsDeps } from './ports.ts'

/** The meeting that becomes of a hold: its span and rooms are the hold's, whose people are invited beside those named. */
export interface ConvertHold extends Omit<BookMeeting, 'start' | 'end' | 'recurrence' | 'roomIds' | 'onConflict'> {
  holdId: string
}

/**
 * Books what is held, in the transaction that takes the hold away: nobody can come in between, and a refused booking leaves
 * the hold as it is. Refuses like `bookMeeting`, and with `not_found` when the hold is over.
 */
export async function convertHold(
  deps: HoldsDeps,
  actor: Actor,
  { holdId, ...cmd }: ConvertHold,
): Promise<Result<Booked, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const found = await ownHold(tx, actor, holdId, now)
    if (!found.ok) return found
    const hold = found.value
    await tx.end(hold, 'hold.converted')
    const within: MeetingsDeps = { ...deps, now: () => now, transact: (_actor, _now, work) => work(tx.meetings) }
    return bookMeeting(within, actor, {
      ...cmd,
      start: { instant: hold.start },
      end: { instant: hold.end },
      recurrence: null,
      roomIds: idsOf(hold, 'room'),
      participants: [...cmd.participants, ...heldPeople(hold, actor, cmd.participants)],
      onConflict: 'reject',
    })
  })
}

function heldPeople(hold: Hold, { userId }: Actor, given: readonly ParticipantInput[]): ParticipantInput[] {
  const named = new Set([userId, ...given.map((participant) => participant.userId)])
  return idsOf(hold, 'person')
    .filter((id) => !named.has(id))
    .map((id) => ({ userId: id }))
}

function idsOf({ claims }: Hold, kind: 'room' | 'person'): string[] {
  return claims.filter((claim) => claim.resourceKind === kind).map(({ resourceId }) => resourceId)
}
