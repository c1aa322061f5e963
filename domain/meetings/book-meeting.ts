import type { Actor } from '../identity/actor.ts'
import { type Visibility, can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import { withOtherRooms } from './plans/alternate-rooms.ts'
import type { ClaimRequest } from './claims.ts'
import { type ParticipantInput, resolveParticipants, unknownRoom } from './invitees.ts'
import { leaveOut, leftOutWarning } from './leave-out.ts'
import type { Claim, Meeting, MeetingStatus } from './meeting.ts'
import { meetingNews } from './meeting-news.ts'
import { type MeetingView, etagOf, meetingView } from './meeting-view.ts'
import { ownSeatings } from './occurrence-look.ts'
import { type Schedule, type ScheduleInput, planSchedule } from './plan-schedule.ts'
import type { BookingFacts, MeetingAggregate, MeetingsDeps } from './ports.ts'
import { type Repairs, repairRoomIds, repairWarnings, repaired } from './plans/repairs.ts'
import { planWhatFits } from './plan-what-fits.ts'
import { type OnConflict, refuseWithWay, settleLost } from './settle-lost.ts'

export interface BookMeeting extends ScheduleInput {
  title: string
  description: string
  participants: readonly ParticipantInput[]
  roomIds: readonly string[]
  onConflict: OnConflict
  /** What is done about single occurrences that cannot be as the rest. */
  repairs?: Repairs | undefined
  status: Extract<MeetingStatus, 'tentative' | 'confirmed'>
  visibility: Visibility
  metadata: object
}

export interface Booked {
  meeting: MeetingView
  etag: string
  allocations: { resourceId: string; recurrenceId: string; allocationId: string }[]
  /** Sentences: what was done otherwise than asked. */
  warnings: string[]
}

/** Rooms and times of one booking that are answered one by one; the schedule of a room lists them all. */
const MAX_ANSWERED_ALLOCATIONS = 500

/**
 * Books a meeting with its people and rooms, single or recurring. It is confirmed only if all its rooms were allocated
 * in the same transaction. Refuses with `slot_conflict`, `capacity`, `rule_violation`, `unknown_reference`,
 * `invalid_time`, `invalid_recurrence`, `too_large` or `forbidden`; then nothing was written.
 */
export async function bookMeeting(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: BookMeeting,
): Promise<Result<Booked, Refusal>> {
  const mine = { kind: 'meeting', visibility: cmd.visibility, organizerId: actor.userId, participantIds: [] } as const
  if (!can(actor, 'create', mine)) return err(refuse('forbidden'))
  return cmd.onConflict === 'alternate_room'
    ? withOtherRooms(deps, actor, cmd, placeMeeting)
    : placeMeeting(deps, actor, cmd)
}

/** The same for who was allowed to by another rule: a panel that books a walk-up in its own room. */
export async function placeMeeting(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: BookMeeting,
): Promise<Result<Booked, Refusal>> {
  const now = deps.now()
  const schedule = planSchedule(cmd, now)
  if (!schedule.ok) return schedule

  return deps.transact(actor, now, async (tx) => {
    const userIds = [actor.userId, ...cmd.participants.flatMap((p) => p.userId ?? [])]
    const facts = await tx.facts(
      [...cmd.roomIds, ...repairRoomIds(cmd.repairs)],
      userIds,
      cmd.participants.flatMap((p) => p.email ?? []),
    )
    const planned = planBooking(deps, actor, cmd, schedule.value, facts, now)
    if (!planned.ok) return planned
    const fitting = planWhatFits(deps, planned.value, cmd.onConflict)
    if (!fitting.ok) return refuseWithWay(tx, fitting.error, planned.value.request)
    const { aggregate, request, leftOut } = fitting.value
    const claims = fitting.value.change.added

    const view = meetingView(aggregate.meeting, aggregate.participants, facts)
    const entry = (booked: Claim[]) => ({
      actor,
      events: meetingNews({ type: 'meeting.created', view, aggregate, facts, released: [], booked }),
      audit: {
        action: 'meeting.book',
        subjectId: view.id,
        detail: { rooms: view.roomIds, occurrences: aggregate.occurrences.length },
      },
    })
    const isComplete = await tx.book(aggregate, claims, entry(claims))
    const skipped = isComplete ? ok([]) : await settleLost(tx, view.id, request, claims, cmd.onConflict)
    if (!skipped.ok) return skipped
    const granted = await leaveOut(tx, aggregate, claims, skipped.value)
    if (!isComplete) await tx.record(entry(granted))
    return ok({
      meeting: view,
      etag: etagOf(aggregate.meeting),
      allocations: granted
        .filter((claim) => claim.resourceKind === 'room')
        .slice(0, MAX_ANSWERED_ALLOCATIONS)
        .map(({ id, resourceId, recurrenceId }) => ({ allocationId: id, resourceId, recurrenceId })),
      warnings: [...repairWarnings(cmd.repairs), ...repairWarnings(leftOut), ...skipped.value.map(leftOutWarning)],
    })
  })
}

interface PlannedBooking {
  aggregate: MeetingAggregate
  request: ClaimRequest
}

/** The decision, apart from what the rooms say to it. */
function planBooking(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: BookMeeting,
  schedule: Schedule,
  facts: BookingFacts,
  now: Instant,
): Result<PlannedBooking, Refusal> {
  const unknown = unknownRoom(cmd.roomIds, facts)
  if (unknown !== undefined) return err(unknown)
  const resolved = resolveParticipants(deps, cmd.participants, facts)
  if (!resolved.ok) return resolved
  const participants = resolved.value
  const { slots, ...times } = schedule
  const meeting: Meeting = {
    ...times,
    id: deps.newId(),
    organizerId: actor.userId,
    title: cmd.title,
    description: cmd.description,
    status: cmd.status,
    visibility: cmd.visibility,
    tzVersion: deps.tzVersion,
    splitFrom: null,
    endsBySplit: false,
    roomIds: [...new Set(cmd.roomIds)],
    metadata: cmd.metadata,
    version: 1,
    textRevision: 1,
    createdAt: now,
    updatedAt: now,
  }
  const occurrences = slots.map((slot) => ({ ...slot, status: cmd.status, override: null }))
  const aggregate = repaired({ meeting, participants, occurrences }, cmd.repairs)
  const rooms = aggregate.meeting.roomIds.flatMap((id) => facts.rooms.get(id) ?? [])
  const isRecurring = meeting.rrule !== null
  const request = {
    now,
    organizerId: actor.userId,
    participants,
    occurrences: aggregate.occurrences,
    rooms,
    isRecurring,
  }
  return ok({ aggregate, request: cmd.repairs ? { ...request, own: ownSeatings(aggregate, facts) } : request })
}
