import type { Actor } from '../identity/actor.ts'
import type { Visibility } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import { type SeenVersion, versionRefusal } from '../versions.ts'
import { type ClaimRequest, type Standing, busyPeople, planClaims } from './claims.ts'
import { type ParticipantInput, resolveParticipants, unknownRoom } from './invitees.ts'
import { leaveOut, leftOutWarning } from './leave-out.ts'
import { BOUNDS, type Claim, type Meeting, type MeetingStatus, type Occurrence } from './meeting.ts'
import { meetingNews } from './meeting-news.ts'
import { type MeetingView, etagOf, meetingView } from './meeting-view.ts'
import { asSeenBy, authorise, factsOf, transitionRefusal } from './open-meeting.ts'
import type { BookingFacts, MeetingAggregate, MeetingsDeps, MeetingsTx } from './ports.ts'
import { type Rescheduled, type TimeChange, changesTime, reschedule } from './reschedule.ts'
import { type OnConflict, isRefusedBooking, refuseWithWay, settleLost } from './settle-lost.ts'

/** Any subset; what is absent stays as it is. On a series it means all occurrences (CONTRACT.md, Scopes: `all`). */
export interface ChangeMeeting extends TimeChange {
  meetingId: string
  seen: SeenVersion
  title?: string | undefined
  description?: string | undefined
  participants?: readonly ParticipantInput[] | undefined
  /** One more person, beside those there are. Who is invited already gets the given role. */
  invite?: ParticipantInput | undefined
  roomIds?: readonly string[] | undefined
  onConflict: OnConflict
  status?: Extract<MeetingStatus, 'tentative' | 'confirmed'> | undefined
  visibility?: Visibility | undefined
  metadata?: object | undefined
}

export interface Changed {
  meeting: MeetingView
  etag: string
  warnings: string[]
}

/**
 * Changes a meeting as a whole: every occurrence is checked again and the claims that change are replaced in one ordered
 * transaction. Cancelled occurrences stay cancelled and shift along with the series. Refuses like `bookMeeting`, and with
 * `not_found`, `forbidden`, `version_required`, `stale` (with the current entity) or `illegal_transition`.
 */
export async function changeMeeting(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: ChangeMeeting,
): Promise<Result<Changed, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const allowed = authorise(actor, 'update', await tx.load(cmd.meetingId))
    if (!allowed.ok) return allowed
    const before = allowed.value
    const [standing, existing, settled] = await Promise.all([
      factsOf(tx, before),
      tx.claimsOf(before.meeting.id),
      tx.settled(before.meeting.id),
    ])
    const facts = await factsFor(before, cmd, standing, tx.facts.bind(tx))
    const planned = planChange(deps, before, cmd, facts, now)
    if (!planned.ok) return planned
    const { aggregate, request, parts, warnings } = planned.value
    const claims = planClaims(deps, request, seatingOf(before, standing, existing, settled))
    if (!claims.ok && !isRefusedBooking(claims.error)) return claims
    const current = () => meetingView(before.meeting, before.participants, standing)
    const refusal = versionRefusal(cmd.seen, before.meeting, current) ?? transitionRefusal(before.meeting, 'change')
    if (refusal !== undefined) return err(refusal)
    if (!claims.ok) return refuseWithWay(tx, claims.error, request)

    const { removed, added } = claims.value
    await tx.release(before.meeting.id, removed)
    await tx.update(aggregate.meeting, parts)
    await writeNewText(tx, actor, before.meeting, aggregate.meeting)
    const isGranted = added.length === 0 || (await tx.claim(aggregate.meeting.id, added))
    const skipped = isGranted ? ok([]) : await settleLost(tx, aggregate.meeting.id, request, added, cmd.onConflict)
    if (!skipped.ok) return skipped
    const gone = new Set(removed)
    const kept = existing.filter((claim) => !gone.has(claim))
    const standingClaims = new Set(await leaveOut(tx, aggregate, [...kept, ...added], skipped.value))

    const view = meetingView(aggregate.meeting, aggregate.participants, facts)
    const isStatusNew = aggregate.meeting.status !== before.meeting.status
    const people = busyPeople({ organizerId: before.meeting.organizerId, participants: before.participants })
    await tx.record({
      actor,
      events: meetingNews({
        type: 'meeting.updated',
        view,
        aggregate,
        facts,
        released: [...removed, ...kept.filter((claim) => !standingClaims.has(claim))],
        // A span of a room carries the status, so a new one is told of every span.
        booked: [...(isStatusNew ? kept : []), ...added].filter((claim) => standingClaims.has(claim)),
        before: people,
        isRetold:
          aggregate.meeting.title !== before.meeting.title ||
          aggregate.meeting.visibility !== before.meeting.visibility,
      }),
      audit: { action: 'meeting.change', subjectId: view.id, detail: { fields: changedFields(cmd) } },
    })
    return ok({
      meeting: asSeenBy(actor, aggregate.meeting, aggregate.participants, view),
      etag: etagOf(aggregate.meeting),
      warnings: [...warnings, ...skipped.value.map(leftOutWarning)],
    })
  })
}

/** Only what this change makes new: a writer who sends the title he read must not undo what others are typing. */
async function writeNewText(tx: MeetingsTx, actor: Actor, before: Meeting, after: Meeting): Promise<void> {
  if (after.textRevision === before.textRevision) return
  await tx.writeText(after.id, actor.userId, {
    title: after.title === before.title ? undefined : after.title,
    description: after.description === before.description ? undefined : after.description,
  })
}

interface PlannedChange {
  aggregate: MeetingAggregate
  request: ClaimRequest
  /** What of the aggregate is to be written beside the meeting itself. */
  parts: Partial<Pick<MeetingAggregate, 'participants' | 'occurrences'>>
  warnings: string[]
}

/** The decision, apart from what the rooms say to it. */
function planChange(
  deps: MeetingsDeps,
  before: MeetingAggregate,
  cmd: ChangeMeeting,
  facts: BookingFacts,
  now: Instant,
): Result<PlannedChange, Refusal> {
  const unknown = cmd.roomIds && unknownRoom(cmd.roomIds, facts)
  if (unknown !== undefined) return err(unknown)
  const invited = inviteesAfter(before, cmd)
  const resolved = invited ? resolveParticipants(deps, invited, facts, before.participants) : ok(before.participants)
  if (!resolved.ok) return cmd.invite ? err(atInvitee(resolved.error)) : resolved
  const participants = resolved.value
  if (participants.length > BOUNDS.participants) {
    return err(refuse('too_large', `A meeting has at most ${BOUNDS.participants} participants.`))
  }
  const timed = changesTime(cmd) ? reschedule(before, cmd, now) : ok(undefined)
  if (!timed.ok) return timed

  const meeting = meetingAfter(deps, before.meeting, cmd, timed.value, now)
  const occurrences = occurrencesAfter(before, timed.value, meeting.status)
  const rooms = meeting.roomIds.flatMap((id) => facts.rooms.get(id) ?? [])
  const { organizerId, status } = meeting
  const isRewritten = timed.value !== undefined || status !== before.meeting.status
  return ok({
    aggregate: { meeting, participants, occurrences },
    request: { now, organizerId, participants, occurrences, rooms, isRecurring: meeting.rrule !== null },
    parts: { ...(invited && { participants }), ...(isRewritten && { occurrences }) },
    warnings: timed.value?.warnings ?? [],
  })
}

function meetingAfter(
  deps: MeetingsDeps,
  before: Meeting,
  cmd: ChangeMeeting,
  timed: Rescheduled | undefined,
  now: Instant,
): Meeting {
  const { title = before.title, description = before.description } = cmd
  const { slots: _, cancelled: __, warnings: ___, ...times } = timed ?? {}
  const isTextNew = title !== before.title || description !== before.description
  return {
    ...before,
    ...times,
    // The version of the zone data belongs to what was resolved with it.
    ...(timed && { tzVersion: deps.tzVersion }),
    title,
    description,
    status: cmd.status ?? before.status,
    visibility: cmd.visibility ?? before.visibility,
    metadata: cmd.metadata ?? before.metadata,
    roomIds: cmd.roomIds ? [...new Set(cmd.roomIds)] : before.roomIds,
    version: before.version + 1,
    textRevision: before.textRevision + (isTextNew ? 1 : 0),
    updatedAt: now,
  }
}

function occurrencesAfter(
  before: MeetingAggregate,
  timed: Rescheduled | undefined,
  status: Meeting['status'],
): Occurrence[] {
  const slots = timed?.slots ?? before.occurrences
  const cancelled = timed?.cancelled ?? before.occurrences.filter((occurrence) => occurrence.status === 'cancelled')
  const gone = new Set(cancelled.map((slot) => slot.recurrenceId))
  return [
    ...slots.filter((slot) => !gone.has(slot.recurrenceId)).map((slot) => ({ ...slot, status, override: null })),
    ...cancelled.map((slot) => ({ ...slot, status: 'cancelled' as const, override: { cancelled: true as const } })),
  ]
}

function seatingOf(
  { meeting, participants }: MeetingAggregate,
  facts: BookingFacts,
  claims: readonly Claim[],
  settledKeys: ReadonlySet<string>,
): Standing {
  const rooms = meeting.roomIds.flatMap((id) => facts.rooms.get(id) ?? [])
  // A room that a single meeting gave back is none of its rooms any more: who names it again gets it again.
  const settled = new Set([...settledKeys].filter((key) => meeting.roomIds.some((id) => key.startsWith(id))))
  return { organizerId: meeting.organizerId, participants, rooms, claims, settled }
}

/** The one who is invited is the whole body, not the last of a list. */
function atInvitee(refusal: Refusal): Refusal {
  return { ...refusal, errors: (refusal.errors ?? []).map((error) => ({ ...error, pointer: '/userId' })) }
}

/** The people the meeting shall have; undefined when they stay as they are. */
function inviteesAfter({ participants }: MeetingAggregate, { participants: given, invite }: ChangeMeeting) {
  if (invite === undefined) return given
  const standing = participants.map((p) => ({
    userId: p.userId ?? undefined,
    email: p.email ?? undefined,
    role: p.role,
  }))
  return [...(given ?? standing), invite]
}

/** Facts about what the change names, beside those about what stands. */
async function factsFor(
  before: MeetingAggregate,
  cmd: ChangeMeeting,
  standing: BookingFacts,
  read: (rooms: readonly string[], users: readonly string[], emails: readonly string[]) => Promise<BookingFacts>,
): Promise<BookingFacts> {
  const given = inviteesAfter(before, cmd)
  if (cmd.roomIds === undefined && given === undefined) return standing
  return read(
    cmd.roomIds ?? before.meeting.roomIds,
    [...standing.people.keys(), ...(given ?? []).flatMap((p) => p.userId ?? [])],
    (given ?? []).flatMap((p) => p.email ?? []),
  )
}

function changedFields(cmd: ChangeMeeting): string[] {
  const { meetingId: _, seen: __, onConflict: ___, ...fields } = cmd
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}
