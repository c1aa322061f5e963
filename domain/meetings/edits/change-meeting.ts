import type { Actor } from '../../identity/actor.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import { withOtherRooms } from '../plans/alternate-rooms.ts'
import {
  type ChangeMeeting,
  type Changed,
  type LookedUp,
  changeRefusal,
  changedFields,
  requestFor,
  scopeOf,
} from './change-command.ts'
import type { ClaimRequest } from '../claims.ts'
import { editAll } from './edit-all.ts'
import { editOne } from './edit-one.ts'
import { type Target, scopeRefusal, targetOf } from './edit-scope.ts'
import { type ParticipantInput, resolveParticipants, unknownRoom } from '../invitees.ts'
import { allLeftOut, leaveOut, leftOutWarning } from '../leave-out.ts'
import { BOUNDS, type Meeting, type Occurrence, type Participant, type Slot } from '../meeting.ts'
import { keptChange } from './meeting-changes.ts'
import { meetingNews } from '../meeting-news.ts'
import { type MeetingView, type OccurrenceView, etagOf, meetingView } from '../meeting-view.ts'
import { lookOf, peopleOf, roomIdsOf } from '../occurrence-look.ts'
import { asSeenBy, authorise, authoriseOccurrences, occurrenceSeenBy } from '../open-meeting.ts'
import type { BookingFacts, MeetingAggregate, MeetingsDeps, MeetingsTx } from '../ports.ts'
import { planWhatFits } from '../plan-what-fits.ts'
import { repairRoomIds, repairWarnings, repaired } from '../plans/repairs.ts'
import { isRefusedBooking, refuseWithWay, settleLost } from '../settle-lost.ts'
import { splitMeeting } from './split-meeting.ts'
import { type StandingMeeting, standingOf } from './standing-meeting.ts'

/**
 * Changes a meeting in one scope (CONTRACT.md, Scopes): every occurrence is checked again and the claims that change are
 * replaced in one ordered transaction. What was cancelled by itself stays so. Refuses like `bookMeeting`, and with
 * `not_found` (also an occurrence), `forbidden`, `version_required`, `stale` (with the current entity) or `illegal_transition`.
 */
export async function changeMeeting(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: ChangeMeeting,
): Promise<Result<Changed, Refusal>> {
  const now = deps.now()
  const misshapen = scopeRefusal(cmd)
  if (misshapen !== undefined) return err(misshapen)
  if (cmd.onConflict === 'alternate_room') return withOtherRooms(deps, actor, cmd, changeMeeting)
  return deps.transact(actor, now, async (tx) => {
    const allowed = authorise(actor, 'update', await tx.load(cmd.meetingId))
    if (!allowed.ok) return allowed
    const target = targetOf(allowed.value, cmd)
    if (!target.ok) return target
    const forbidden = authoriseOccurrences(actor, allowed.value, reachedBy(allowed.value, target.value, cmd))
    if (forbidden !== undefined) return err(forbidden)
    const before = await standingOf(tx, allowed.value)
    const facts = await factsFor(before, target.value, cmd, tx)
    const invited = invitedBy(deps, before, target.value, cmd, facts)
    if (!invited.ok) return invited
    const change = { cmd, facts, now, invited: invited.value }
    return target.value.scope === 'following'
      ? splitMeeting(deps, tx, actor, before, target.value.occurrence, change)
      : changeInPlace(deps, tx, actor, before, target.value, change)
  })
}

async function changeInPlace(
  deps: MeetingsDeps,
  tx: MeetingsTx,
  actor: Actor,
  before: StandingMeeting,
  target: Exclude<Target, { scope: 'following' }>,
  { cmd, facts, now, invited }: LookedUp,
): Promise<Result<Changed, Refusal>> {
  const one = 'occurrence' in target ? target.occurrence : undefined
  const edited = one
    ? editOne(before.aggregate, one, cmd, { now, invited })
    : editAll(before.aggregate, cmd, { now, invited, tzVersion: deps.tzVersion, anchor: anchorOf(target) })
  if (!edited.ok) return edited
  const { warnings } = edited.value
  const given = repaired(edited.value.aggregate, cmd.repairs)
  const wanted = { aggregate: given, request: requestFor(given, facts, now) }
  // Of one occurrence nothing would be left.
  const fitting = planWhatFits(deps, wanted, one ? 'reject' : cmd.onConflict, before.standing)
  if (!fitting.ok && !isRefusedBooking(fitting.error)) return fitting
  const refusal = changeRefusal(before, cmd, one)
  if (refusal !== undefined) return err(refusal)
  const { request } = fitting.ok ? fitting.value : wanted
  const asked = one ? requestOfOne(request, one) : request
  if (!fitting.ok) return refuseWithWay(tx, fitting.error, asked)

  const { aggregate, leftOut } = fitting.value
  const { removed, added } = fitting.value.change
  const { meeting } = aggregate
  await tx.release(meeting.id, removed)
  const parts = partsOf(before.aggregate, aggregate)
  await tx.update(meeting, parts)
  await writeNewText(tx, actor, before.aggregate.meeting, meeting)
  const isGranted = added.length === 0 || (await tx.claim(meeting.id, added))
  const skipped = isGranted ? ok([]) : await settleLost(tx, meeting.id, asked, added, cmd.onConflict)
  if (!skipped.ok) return skipped
  const gone = new Set(removed)
  const kept = before.claims.filter((claim) => !gone.has(claim))
  const standing = new Set(await leaveOut(tx, aggregate, [...kept, ...added], skipped.value))

  const left = allLeftOut(skipped.value, cmd.repairs, leftOut)
  const change = { before: before.aggregate, after: aggregate, ...scopeOf(target), leftOut: left }
  const entry = keptChange(actor, 'meeting.change', change)
  if (Object.keys({ ...entry.changes, ...parts }).length > 0) await tx.keepChange(entry)
  const view = meetingView(meeting, aggregate.participants, facts)
  const retold = new Set(aggregate.occurrences.filter(isRestated(before.aggregate)).map((o) => o.recurrenceId))
  await tx.record({
    actor,
    events: meetingNews({
      type: 'meeting.updated',
      view,
      aggregate,
      facts,
      released: [...removed, ...kept.filter((claim) => !standing.has(claim))],
      // A span of a room carries the status, so a new one is told of every span.
      booked: [...kept.filter((claim) => retold.has(claim.recurrenceId)), ...added].filter((claim) =>
        standing.has(claim),
      ),
      before: peopleOf(before.aggregate),
      isRetold: cmd.title !== undefined || cmd.visibility !== undefined,
    }),
    audit: {
      action: 'meeting.change',
      subjectId: meeting.id,
      detail: { fields: changedFields(cmd), ...scopeOf(target), ...(left.length > 0 && { leftOut: left }) },
    },
  })
  return ok({
    meeting: answerOf(actor, aggregate, view, one, facts),
    etag: etagOf(meeting),
    warnings: [
      ...[...warnings, ...repairWarnings(cmd.repairs), ...repairWarnings(leftOut)],
      ...skipped.value.map(leftOutWarning),
    ],
    isNew: false,
  })
}

/**
 * The occurrences that must be his to change. Of a series those to which it invites people, or of which one becomes the meeting;
 * whatever else is said of a series leaves what occurrences have of their own.
 */
function reachedBy({ occurrences }: MeetingAggregate, target: Target, cmd: ChangeMeeting): readonly Occurrence[] {
  if (target.scope === 'this') return [target.occurrence]
  const opens = cmd.participants !== undefined || cmd.invite !== undefined || cmd.recurrencePattern === null
  if (!opens) return []
  const from = 'occurrence' in target ? target.occurrence.recurrenceId : ''
  return occurrences.filter(({ recurrenceId }) => recurrenceId >= from)
}

function anchorOf(target: Target): Slot | undefined {
  return target.scope === 'all' ? target.anchor : undefined
}

/** What one occurrence asks, for an answer that proposes another way for it alone. */
function requestOfOne(request: ClaimRequest, { recurrenceId }: Occurrence): ClaimRequest {
  const occurrences = request.occurrences.filter((one) => one.recurrenceId === recurrenceId)
  const { own: _, ...series } = request
  return { ...series, ...request.own?.get(recurrenceId), occurrences }
}

/** Only what the change touched is written anew. */
function partsOf(
  before: MeetingAggregate,
  after: MeetingAggregate,
): Partial<Pick<MeetingAggregate, 'participants' | 'occurrences'>> {
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  return {
    ...(!isSame(before.participants, after.participants) && { participants: after.participants }),
    ...(!isSame(before.occurrences, after.occurrences) && { occurrences: after.occurrences }),
  }
}

function isRestated(before: MeetingAggregate): (occurrence: Occurrence) => boolean {
  const statuses = new Map(before.occurrences.map(({ recurrenceId, status }) => [recurrenceId, status]))
  return ({ recurrenceId, status }) => statuses.get(recurrenceId) !== status
}

function answerOf(
  actor: Actor,
  { meeting, participants, occurrences }: MeetingAggregate,
  view: MeetingView,
  one: Occurrence | undefined,
  facts: BookingFacts,
): MeetingView | OccurrenceView {
  const occurrence = one && occurrences.find((o) => o.recurrenceId === one.recurrenceId)
  const seen = occurrence && occurrenceSeenBy(actor, { meeting, participants }, view, occurrence, facts)
  return seen ?? asSeenBy(actor, meeting, participants, view)
}

/** Only what this change makes new: a writer who sends the title he read must not undo what others are typing. */
async function writeNewText(tx: MeetingsTx, actor: Actor, before: Meeting, after: Meeting): Promise<void> {
  if (after.textRevision === before.textRevision) return
  await tx.writeText(after.id, actor.userId, {
    title: after.title === before.title ? undefined : after.title,
    description: after.description === before.description ? undefined : after.description,
  })
}

function invitedBy(
  deps: MeetingsDeps,
  { aggregate }: StandingMeeting,
  target: Target,
  cmd: ChangeMeeting,
  facts: BookingFacts,
): Result<Participant[] | undefined, Refusal> {
  const unknown = cmd.roomIds && unknownRoom(cmd.roomIds, facts)
  if (unknown !== undefined) return err(unknown)
  const invitees = inviteesAfter(aggregate, target, cmd)
  if (invitees === undefined) return ok(undefined)
  const resolved = resolveParticipants(deps, invitees, facts, aggregate.participants)
  if (!resolved.ok) return cmd.invite ? err(atInvitee(resolved.error)) : resolved
  const known = new Set([...resolved.value, ...aggregate.participants.filter((p) => !p.inSeries)].map((p) => p.id))
  if (known.size <= BOUNDS.participants) return resolved
  return err(refuse('too_large', `A meeting has at most ${BOUNDS.participants} participants.`))
}

/** The people that what is changed shall have; undefined when they stay as they are. */
function inviteesAfter(
  aggregate: MeetingAggregate,
  target: Target,
  { participants: given, invite }: ChangeMeeting,
): readonly ParticipantInput[] | undefined {
  if (invite === undefined) return given
  const standing =
    target.scope === 'this'
      ? lookOf(aggregate, target.occurrence).participants
      : aggregate.participants.filter((p) => p.inSeries)
  const listed = standing.map(({ userId, email, role }) => ({
    userId: userId ?? undefined,
    email: email ?? undefined,
    role,
  }))
  return [...(given ?? listed), invite]
}

/** The one who is invited is the whole body, not the last of a list. */
function atInvitee(refusal: Refusal): Refusal {
  return { ...refusal, errors: (refusal.errors ?? []).map((error) => ({ ...error, pointer: '/userId' })) }
}

/** Facts about what the change names, beside those about what stands. */
async function factsFor(
  { aggregate, facts }: StandingMeeting,
  target: Target,
  cmd: ChangeMeeting,
  tx: MeetingsTx,
): Promise<BookingFacts> {
  const given = inviteesAfter(aggregate, target, cmd)
  if (cmd.roomIds === undefined && given === undefined && cmd.repairs === undefined) return facts
  return tx.facts(
    [...roomIdsOf(aggregate), ...(cmd.roomIds ?? []), ...repairRoomIds(cmd.repairs)],
    [...facts.people.keys(), ...(given ?? []).flatMap((p) => p.userId ?? [])],
    (given ?? []).flatMap((p) => p.email ?? []),
  )
}
