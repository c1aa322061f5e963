import type { Actor } from '../identity/actor.ts'
import { type Verb, can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Meeting, Participant } from './meeting.ts'
import type { BookingFacts, MeetingAggregate, MeetingsTx } from './ports.ts'

/** 404 for what one may not know of, 403 for what one may not do: the first step of every command on a meeting. */
export function authorise(actor: Actor, verb: Verb, loaded: MeetingAggregate | undefined): Result<MeetingAggregate, Refusal> {
  if (loaded === undefined) return err(refuse('not_found'))
  const resource = resourceOf(loaded.meeting, loaded.participants)
  if (!can(actor, 'read', resource)) return err(refuse('not_found'))
  if (!can(actor, verb, resource)) return err(refuse('forbidden'))
  return ok(loaded)
}

/** 428 when the version is missing, 412 with the current entity when it is not the current one. */
export function checkVersion(meeting: Meeting, given: number | '*' | undefined, current: unknown): Refusal | undefined {
  if (given === undefined) return refuse('version_required')
  if (given !== '*' && given !== meeting.version) return refuse('stale', undefined, { current })
  return undefined
}

export function resourceOf(meeting: Pick<Meeting, 'visibility' | 'organizerId'>, participants: readonly Participant[]) {
  const participantIds = participants.flatMap((p) => p.userId ?? [])
  return { kind: 'meeting', visibility: meeting.visibility, organizerId: meeting.organizerId, participantIds } as const
}

/** The rooms and people a meeting names. */
export function factsOf(tx: MeetingsTx, { meeting, participants }: MeetingAggregate): Promise<BookingFacts> {
  return tx.facts(meeting.roomIds, [meeting.organizerId, ...participants.flatMap((p) => p.userId ?? [])], [])
}
