import type { Actor } from '../identity/actor.ts'
import type { NewsEvent } from '../news.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import { staleRefusal } from '../versions.ts'
import { requestFor } from './edits/change-command.ts'
import { isRefusedBooking } from './settle-lost.ts'
import { planClaims } from './claims.ts'
import { targetOf } from './edits/edit-scope.ts'
import { keptChange } from './edits/meeting-changes.ts'
import type { Answer, Occurrence, Participant, ParticipantResponse } from './meeting.ts'
import { meetingNews } from './meeting-news.ts'
import { type MeetingView, type OccurrenceView, etagOf, meetingView } from './meeting-view.ts'
import { lookOf, peopleOf } from './occurrence-look.ts'
import { asSeenBy, authorise, goneRefusal, occurrenceSeenBy, transitionRefusal } from './open-meeting.ts'
import type { BookingFacts, MeetingAggregate, MeetingsDeps } from './ports.ts'
import { standingOf } from './edits/standing-meeting.ts'

/** Longer ones belong into the meeting's notes. */
export const MAX_COMMENT = 1_000

export interface Respond {
  meetingId: string
  response: Exclude<ParticipantResponse, 'needs_action'>
  /** Said with the answer, to who may read the meeting; absent: nothing is. */
  comment?: string | undefined
  /** One occurrence, basic form; absent: the meeting as such. */
  recurrenceId?: string | undefined
  /** From If-Match; an answer may come without one. */
  ifVersion?: number | '*' | undefined
}

export interface Responded {
  /** Of one occurrence, the occurrence. */
  meeting: MeetingView | OccurrenceView
  etag: string
}

/**
 * Answers an invitation, for a meeting as such or for one occurrence, which from then on keeps its own answer. Who declines is
 * free in that time, who accepts again is not. The same answer again changes nothing. Refuses with `not_found` (also the
 * occurrence), `forbidden` (not invited), `stale`, `illegal_transition` (cancelled), or `capacity` when his seat is gone.
 */
export async function respond(deps: MeetingsDeps, actor: Actor, cmd: Respond): Promise<Result<Responded, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const allowed = authorise(actor, 'respond', await tx.load(cmd.meetingId))
    if (!allowed.ok) return allowed
    const target = targetOf(allowed.value, scopeOf(cmd))
    if (!target.ok) return target
    const one = 'occurrence' in target.value ? target.value.occurrence : undefined
    const before = await standingOf(tx, allowed.value)
    const { facts } = before
    const refusal = answerRefusal(before.aggregate, actor, cmd, one, facts)
    if (refusal !== undefined) return err(refusal)
    const after = withAnswer(before.aggregate, actor, cmd, one, now)
    if (after === undefined) return ok(answerOf(actor, before.aggregate, one, facts))

    const claims = planClaims(deps, requestFor(after, facts, now), before.standing)
    if (!claims.ok)
      return err(isRefusedBooking(claims.error) ? { conflicts: [], suggestions: [], ...claims.error } : claims.error)
    const { removed, added } = claims.value
    await tx.release(after.meeting.id, removed)
    await tx.update(after.meeting, one ? { occurrences: after.occurrences } : { participants: after.participants })
    if (added.length > 0) await tx.claim(after.meeting.id, added)
    const kept = {
      before: before.aggregate,
      after,
      ...(one && { scope: 'this' as const, recurrenceId: one.recurrenceId }),
    }
    await tx.keepChange(keptChange(actor, 'participant.respond', kept))
    await tx.record({
      actor,
      events: newsOf(actor, before.aggregate, after, one, cmd, facts),
      audit: {
        action: 'participant.respond',
        subjectId: after.meeting.id,
        detail: { response: cmd.response, ...(one && { recurrenceId: one.recurrenceId }) },
      },
    })
    return ok(answerOf(actor, after, one, facts))
  })
}

function scopeOf({ recurrenceId }: Respond) {
  return { scope: recurrenceId === undefined ? 'all' : 'this', recurrenceId } as const
}

/** What he was invited to, he answers: the series, or an occurrence that names him. */
function answerRefusal(
  aggregate: MeetingAggregate,
  actor: Actor,
  { ifVersion }: Respond,
  one: Occurrence | undefined,
  facts: BookingFacts,
): Refusal | undefined {
  const { meeting, participants } = aggregate
  if (invitationOf(aggregate, actor, one) === undefined) {
    return refuse(
      'forbidden',
      one ? 'You are not invited to that occurrence.' : 'You are invited to single occurrences.',
    )
  }
  const current = () => asSeenBy(actor, meeting, participants, meetingView(meeting, participants, facts))
  return (
    staleRefusal({ ifVersion, version: undefined }, meeting, current) ??
    transitionRefusal(meeting, 'respond') ??
    (one && goneRefusal(one))
  )
}

function invitationOf(
  aggregate: MeetingAggregate,
  { userId }: Actor,
  one: Occurrence | undefined,
): Participant | undefined {
  const invited = one ? lookOf(aggregate, one).participants : aggregate.participants
  return invited.find((p) => p.inSeries && p.userId === userId)
}

/** undefined: he has said just that before. */
function withAnswer(
  before: MeetingAggregate,
  actor: Actor,
  { response, comment = null }: Omit<Respond, 'comment'> & { comment?: string | null | undefined },
  one: Occurrence | undefined,
  now: Instant,
): MeetingAggregate | undefined {
  const me = invitationOf(before, actor, one) as Participant
  if (me.response === response && me.comment === comment) return undefined
  const answer: Answer = { response, comment }
  const meeting = { ...before.meeting, version: before.meeting.version + 1, updatedAt: now }
  if (one === undefined) {
    const participants = before.participants.map((p) => (p.id === me.id ? { ...p, ...answer } : p))
    return { ...before, meeting, participants }
  }
  const answered = { ...one, override: { ...one.override, answers: { ...one.override?.answers, [me.id]: answer } } }
  const others = before.occurrences.filter(({ recurrenceId }) => recurrenceId !== one.recurrenceId)
  return { ...before, meeting, occurrences: [...others, answered].toSorted((a, b) => a.start - b.start) }
}

/** The meeting changes for all who read it, the agenda for himself only; the organizer hears what he said. */
function newsOf(
  { userId }: Actor,
  before: MeetingAggregate,
  after: MeetingAggregate,
  one: Occurrence | undefined,
  { response, comment }: Respond,
  facts: BookingFacts,
): NewsEvent[] {
  const { meeting } = after
  const view = meetingView(meeting, after.participants, facts)
  const change = { view, aggregate: after, facts, released: [], booked: [], before: peopleOf(before) }
  const all = meetingNews({ type: 'meeting.updated', ...change })
  return all.flatMap((event): NewsEvent[] => {
    if (event.topic === `meeting:${meeting.id}`) return [event]
    // Nothing is cancelled for him who stays away, and nobody is invited who comes after all.
    if (event.topic === `person:${userId}`) return [{ ...event, type: 'meeting.updated' }]
    if (event.topic !== `person:${meeting.organizerId}`) return []
    const said = { userId, response, comment: comment ?? null, recurrenceId: one?.recurrenceId ?? null }
    return [{ ...event, type: 'participant.responded', data: { ...event.data, ...said } }]
  })
}

function answerOf(
  actor: Actor,
  aggregate: MeetingAggregate,
  one: Occurrence | undefined,
  facts: BookingFacts,
): Responded {
  const { meeting, participants, occurrences } = aggregate
  const view = meetingView(meeting, participants, facts)
  const occurrence = one && (occurrences.find(({ recurrenceId }) => recurrenceId === one.recurrenceId) ?? one)
  const seen = occurrence && occurrenceSeenBy(actor, aggregate, view, occurrence, facts)
  return { meeting: seen ?? asSeenBy(actor, meeting, participants, view), etag: etagOf(meeting) }
}
