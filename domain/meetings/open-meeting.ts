import type { Actor } from '../identity/actor.ts'
import { type Verb, can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { ALLOWED, type Meeting, type Occurrence, type Participant } from './meeting.ts'
import { type MeetingView, type OccurrenceView, occurrenceView, withoutContent } from './meeting-view.ts'
import { lookOf, roomIdsOf } from './occurrence-look.ts'
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

/** `forbidden` where he may not change one of the occurrences that a command reaches: they may be more private than their series. */
export function authoriseOccurrences(
  actor: Actor,
  series: Pick<MeetingAggregate, 'meeting' | 'participants'>,
  reached: readonly Pick<Occurrence, 'override'>[],
): Refusal | undefined {
  const own = reached.filter(({ override }) => override !== null)
  return own.every((one) => can(actor, 'update', occurrenceResource(series, one))) ? undefined : refuse('forbidden')
}

/** What this actor may see of it, who may at least know of it: who may cancel or move a meeting need not be one who may read it. */
export function asSeenBy(
  actor: Actor,
  meeting: Meeting,
  participants: readonly Participant[],
  view: MeetingView,
): MeetingView {
  return can(actor, 'read_content', seriesResource(meeting, participants)) ? view : withoutContent(view)
}

/**
 * One occurrence as this actor may see it, `view` being what its series looks like to who may read it; undefined where he may
 * not even know of it.
 */
export function occurrenceSeenBy(
  actor: Actor,
  series: Pick<MeetingAggregate, 'meeting' | 'participants'>,
  view: MeetingView,
  occurrence: Occurrence,
  facts: Pick<BookingFacts, 'rooms'>,
): OccurrenceView | undefined {
  const resource = occurrenceResource(series, occurrence)
  if (!can(actor, 'read', resource)) return undefined
  const seen = occurrenceView(view, series, occurrence, facts)
  return can(actor, 'read_content', resource) ? seen : withoutContent(seen)
}

/** `illegal_transition` where the meeting's status does not allow it. */
export function transitionRefusal(meeting: Meeting, step: keyof typeof ALLOWED): Refusal | undefined {
  return (ALLOWED[step] as readonly string[]).includes(meeting.status) ? undefined : illegal(NOT_ALLOWED[step])
}

/** An occurrence cancelled by itself is not changed; only restored. */
export function goneRefusal({ override }: Pick<Occurrence, 'override'>): Refusal | undefined {
  return override?.cancelled === true ? illegal('That occurrence is cancelled; it can be restored.') : undefined
}

export function illegal(detail: string): Refusal {
  return refuse('illegal_transition', detail, { conflicts: [], suggestions: [] })
}

const NOT_ALLOWED: Record<keyof typeof ALLOWED, string> = {
  change: 'A cancelled meeting cannot be changed.',
  cancel: 'The meeting is already cancelled.',
  restore: 'The meeting is not cancelled.',
  respond: 'A cancelled meeting takes no answers.',
}

/** That there is such a meeting: everybody whom it names, if only for one occurrence, knows of it. */
export function resourceOf(meeting: Pick<Meeting, 'visibility' | 'organizerId'>, participants: readonly Participant[]) {
  const participantIds = participants.flatMap((p) => p.userId ?? [])
  return { kind: 'meeting', visibility: meeting.visibility, organizerId: meeting.organizerId, participantIds } as const
}

/** What its occurrences have in common: who is invited to single ones reads those, not this. */
export function seriesResource(
  meeting: Pick<Meeting, 'visibility' | 'organizerId'>,
  participants: readonly Participant[],
) {
  return resourceOf(
    meeting,
    participants.filter((p) => p.inSeries),
  )
}

/**
 * One occurrence, whose visibility and people come before its series'. It may be more private than that, or less; but of a
 * meeting that only its participants may know of, none is open to others. In SQL: db/meetings/occurrence-sight.ts.
 */
export function occurrenceResource(
  series: Pick<MeetingAggregate, 'meeting' | 'participants'>,
  occurrence: Pick<Occurrence, 'override'>,
) {
  const { visibility, participants } = lookOf(series, occurrence)
  const isHidden = series.meeting.visibility === 'participants'
  return resourceOf({ ...series.meeting, visibility: isHidden ? 'participants' : visibility }, participants)
}

/** The rooms and people that a meeting or any occurrence of it names. */
export function factsOf(tx: MeetingsTx, aggregate: MeetingAggregate): Promise<BookingFacts> {
  const { meeting, participants } = aggregate
  return tx.facts(roomIdsOf(aggregate), [meeting.organizerId, ...participants.flatMap((p) => p.userId ?? [])], [])
}
