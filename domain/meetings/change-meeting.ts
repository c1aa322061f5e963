import type { Actor } from '../identity/actor.ts'
import type { Visibility } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type OnConflict, settleLost } from './settle-lost.ts'
import { busyPeople, planClaims } from './claims.ts'
import { type ParticipantInput, resolveParticipants, unknownRoom } from './invitees.ts'
import { leaveOut, leftOutWarning } from './leave-out.ts'
import { ALLOWED, BOUNDS, type Claim, type Meeting, type MeetingStatus, type Occurrence } from './meeting.ts'
import { meetingNews } from './meeting-news.ts'
import { type MeetingView, etagOf, meetingView } from './meeting-view.ts'
import { authorise, checkVersion, factsOf } from './open-meeting.ts'
import type { BookingFacts, MeetingAggregate, MeetingsDeps, RoomFacts } from './ports.ts'
import { type TimeChange, changesTime, reschedule } from './reschedule.ts'

/** Any subset; what is absent stays as it is. On a series it means all occurrences (CONTRACT.md, Scopes: `all`). */
export interface ChangeMeeting extends TimeChange {
  meetingId: string
  ifVersion: number | '*' | undefined
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
export async function changeMeeting(deps: MeetingsDeps, actor: Actor, cmd: ChangeMeeting): Promise<Result<Changed, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const loaded = await tx.load(cmd.meetingId)
    const allowed = authorise(actor, 'update', loaded)
    if (!allowed.ok) return allowed
    const before = allowed.value
    const standing = await factsOf(tx, before)
    const current = meetingView(before.meeting, before.participants, standing)
    const stale = checkVersion(before.meeting, cmd.ifVersion, current)
    if (stale !== undefined) return err(stale)
    if (!(ALLOWED.change as readonly string[]).includes(before.meeting.status)) {
      return err(refuse('illegal_transition', 'A cancelled meeting cannot be changed.'))
    }

    const facts = await factsFor(before, cmd, standing, tx.facts.bind(tx))
    const existing = await tx.claimsOf(before.meeting.id)
    const planned = planChange(deps, before, cmd, facts, existing, now)
    if (!planned.ok) return planned
    const { aggregate, rooms, removed, added, warnings } = planned.value
    await tx.release(before.meeting.id, removed)
    await tx.update(aggregate.meeting, { occurrences: aggregate.occurrences, participants: aggregate.participants })
    const isGranted = added.length === 0 || (await tx.claim(aggregate.meeting.id, added))
    const skipped = isGranted ? ok([]) : await settleLost(tx, aggregate, added, rooms, cmd.onConflict, now)
    if (!skipped.ok) return skipped
    const booked = await leaveOut(tx, aggregate, added, skipped.value)

    const view = meetingView(aggregate.meeting, aggregate.participants, facts)
    const people = busyPeople({ organizerId: before.meeting.organizerId, participants: before.participants })
    await tx.record({
      actor,
      events: meetingNews({ type: 'meeting.updated', view, aggregate, released: removed, booked, before: people }),
      audit: { action: 'meeting.change', subjectId: view.id, detail: { fields: changedFields(cmd) } },
    })
    return ok({ meeting: view, etag: etagOf(aggregate.meeting), warnings: [...warnings, ...skipped.value.map(leftOutWarning)] })
  })
}

interface PlannedChange {
  aggregate: MeetingAggregate
  rooms: RoomFacts[]
  removed: Claim[]
  added: Claim[]
  warnings: string[]
}

function planChange(
  deps: MeetingsDeps,
  before: MeetingAggregate,
  cmd: ChangeMeeting,
  facts: BookingFacts,
  existing: readonly Claim[],
  now: Instant,
): Result<PlannedChange, Refusal> {
  const unknown = cmd.roomIds && unknownRoom(cmd.roomIds, facts)
  if (unknown !== undefined) return err(unknown)
  const invited = inviteesAfter(before, cmd)
  const participants = invited ? resolveParticipants(deps, invited, facts, before.participants) : ok(before.participants)
  if (!participants.ok) return participants
  if (participants.value.length > BOUNDS.participants) {
    return err(refuse('too_large', `A meeting has at most ${BOUNDS.participants} participants.`))
  }
  const timed = changesTime(cmd) ? reschedule(before, cmd, now) : ok(undefined)
  if (!timed.ok) return timed

  const { slots = before.occurrences, cancelled = cancelledIds(before), warnings = [], ...times } = timed.value ?? {}
  const status = cmd.status ?? before.meeting.status
  const meeting: Meeting = {
    ...before.meeting,
    ...times,
    title: cmd.title ?? before.meeting.title,
    description: cmd.description ?? before.meeting.description,
    visibility: cmd.visibility ?? before.meeting.visibility,
    metadata: cmd.metadata ?? before.meeting.metadata,
    roomIds: cmd.roomIds ? [...new Set(cmd.roomIds)] : before.meeting.roomIds,
    status,
    tzVersion: deps.tzVersion,
    version: before.meeting.version + 1,
    updatedAt: now,
  }
  const occurrences = slots.map(({ recurrenceId, start, end }): Occurrence => {
    return { recurrenceId, start, end, status: cancelled.has(recurrenceId) ? 'cancelled' : status }
  })
  const rooms = meeting.roomIds.flatMap((id) => facts.rooms.get(id) ?? [])
  const aggregate = { meeting, participants: participants.value, occurrences }
  const request = { now, organizerId: meeting.organizerId, participants: participants.value, occurrences, rooms }
  const claims = planClaims(deps, request, existing)
  return claims.ok ? ok({ aggregate, rooms, warnings, ...claims.value }) : claims
}

/** The people the meeting shall have; undefined when they stay as they are. */
function inviteesAfter({ participants }: MeetingAggregate, { participants: given, invite }: ChangeMeeting) {
  if (invite === undefined) return given
  const standing = participants.map((p) => ({ userId: p.userId ?? undefined, email: p.email ?? undefined, role: p.role }))
  return [...(given ?? standing), invite]
}

function cancelledIds({ occurrences }: MeetingAggregate): Set<LocalTime> {
  return new Set(occurrences.filter((o) => o.status === 'cancelled').map((o) => o.recurrenceId))
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
  const { meetingId: _, ifVersion: __, onConflict: ___, ...fields } = cmd
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}
