import type { Actor } from '../identity/actor.ts'
import { type Verb, can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { ALLOWED, type Meeting, type Participant } from './meeting.ts'
import { type MeetingView, withoutContent } from './meeting-view.ts'
import type { BookingFacts, MeetingAggregate, MeetingsTx } from './ports.ts'

/** 404 for what one may not know of, 403 for what one may not do: the first step of every command on a meeting. */
export function authorise(
  actor: Actor,
  verb: Verb,
  loaded: MeetingAggregate | undefined,
): Result<MeetingAggregate, Refusal> {
  if (loaded === undefined) return err(refuse('not_found'))
  const resource = resourceOf(loaded.meeting, loaded.participants)
  if (!can(actor, 'read', resource)) return err(refuse('not_found'))
  if (!can(actor, verb, resource)) return err(refuse('forbidden'))
  return ok(loaded)
}

/** What this actor may see of it, who may at least know of it: who may cancel or move a meeting need not be one who may read it. */
export function asSeenBy(
  actor: Actor,
  meeting: Meeting,
  participants: readonly Participant[],
  view: MeetingView,
): MeetingView {
  return can(actor, 'read_content', resourceOf(meeting, participants)) ? view : withoutContent(view)
}

/** `illegal_transition` where the meeting's status does not allow it. */
export function transitionRefusal(meeting: Meeting, step: keyof typeof ALLOWED): Refusal | undefined {
  if ((ALLOWED[step] as readonly string[]).includes(meeting.status)) return undefined
  const detail = step === 'cancel' ? 'The meeting is already cancelled.' : 'A cancelled meeting cannot be changed.'
  return refuse('illegal_transition', detail, { conflicts: [], suggestions: [] })
}

export function resourceOf(meeting: Pick<Meeting, 'visibility' | 'organizerId'>, participants: readonly Participant[]) {
  const participantIds = participants.flatMap((p) => p.userId ?? [])
  return { kind: 'meeting', visibility: meeting.visibility, organizerId: meeting.organizerId, participantIds } as const
}

/** The rooms and people a meeting names. */
export function factsOf(tx: MeetingsTx, { meeting, participants }: MeetingAggregate): Promise<BookingFacts> {
  return tx.facts(meeting.roomIds, [meeting.organizerId, ...participants.flatMap((p) => p.userId ?? [])], [])
}
