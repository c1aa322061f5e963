import type { Actor } from '../../identity/actor.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import type { Instant } from '../../time/instant.ts'
import { type LocalTime, parseBasicLocalTime } from '../../time/local-time.ts'
import { staleRefusal } from '../../versions.ts'
import { type Changed, requestFor } from './change-command.ts'
import { planClaims } from '../claims.ts'
import type { Meeting, Occurrence, Override } from '../meeting.ts'
import { keptChange } from './meeting-changes.ts'
import { meetingNews } from '../meeting-news.ts'
import { etagOf, meetingView } from '../meeting-view.ts'
import { peopleOf, statusOf } from '../occurrence-look.ts'
import { asSeenBy, authorise, illegal, occurrenceSeenBy, transitionRefusal } from '../open-meeting.ts'
import type { MeetingAggregate, MeetingsDeps, MeetingsTx } from '../ports.ts'
import { instanceOf, recurrenceOf } from '../series-times.ts'
import { refuseWithWay, settleLost } from '../settle-lost.ts'
import { standingOf } from './standing-meeting.ts'

export interface RestoreMeeting {
  meetingId: string
  /** One occurrence that was cancelled by itself; absent: the cancelled meeting, without those. */
  recurrenceId?: string | undefined
  ifVersion?: number | '*' | undefined
}

/**
 * Brings back a cancelled meeting, or one cancelled occurrence of a meeting, with rooms and people. Refuses with `not_found`,
 * `forbidden`, `stale`, `illegal_transition` (it is not cancelled, or its series does not give it any more), and with
 * `slot_conflict` and what would work instead where a room is taken by now; then nothing was written.
 */
export async function restoreMeeting(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: RestoreMeeting,
): Promise<Result<Changed, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const allowed = authorise(actor, 'cancel', await tx.load(cmd.meetingId))
    if (!allowed.ok) return allowed
    const before = allowed.value
    const one = cmd.recurrenceId === undefined ? undefined : rowOf(before, parseBasicLocalTime(cmd.recurrenceId))
    if (cmd.recurrenceId !== undefined && one === undefined) {
      return err(refuse('not_found', 'The meeting has no such occurrence.'))
    }
    const { facts, standing } = await standingOf(tx, before)
    const { participants } = before
    const current = () =>
      asSeenBy(actor, before.meeting, participants, meetingView(before.meeting, participants, facts))
    const seen = { ifVersion: cmd.ifVersion, version: undefined }
    const refusal = staleRefusal(seen, before.meeting, current) ?? stepRefusal(before, one)
    if (refusal !== undefined) return err(refusal)

    const aggregate = one ? withOne(before, one, now) : await withAll(tx, before, now)
    const request = requestFor(aggregate, facts, now)
    const asked = one
      ? { ...request, occurrences: request.occurrences.filter((o) => o.recurrenceId === one.recurrenceId) }
      : request
    const planned = planClaims(deps, request, standing)
    if (!planned.ok) return refuseWithWay(tx, planned.error, asked)
    const { added } = planned.value
    const { meeting, occurrences } = aggregate
    await tx.update(meeting, { occurrences })
    if (added.length > 0 && !(await tx.claim(meeting.id, added))) {
      const lost = await settleLost(tx, meeting.id, asked, added, 'reject')
      if (!lost.ok) return lost
    }
    const view = meetingView(meeting, participants, facts)
    const scope = one ? ({ scope: 'this', recurrenceId: one.recurrenceId } as const) : {}
    await tx.keepChange(keptChange(actor, 'meeting.restore', { before, after: aggregate, ...scope }))
    await tx.record({
      actor,
      events: meetingNews({
        type: 'meeting.updated',
        view,
        aggregate,
        facts,
        released: [],
        booked: added,
        before: peopleOf(aggregate),
      }),
      audit: {
        action: 'meeting.restore',
        subjectId: meeting.id,
        detail: one ? { recurrenceId: one.recurrenceId } : {},
      },
    })
    const restored = one && occurrences.find((o) => o.recurrenceId === one.recurrenceId)
    const seenOne = restored && occurrenceSeenBy(actor, aggregate, view, restored, facts)
    return ok({
      meeting: seenOne ?? asSeenBy(actor, meeting, participants, view),
      etag: etagOf(meeting),
      warnings: [],
      isNew: false,
    })
  })
}

function rowOf({ occurrences }: MeetingAggregate, id: LocalTime | undefined): Occurrence | undefined {
  return occurrences.find((occurrence) => occurrence.recurrenceId === id)
}

function stepRefusal({ meeting }: MeetingAggregate, one: Occurrence | undefined): Refusal | undefined {
  if (one === undefined) return transitionRefusal(meeting, 'restore')
  if (meeting.status === 'cancelled') return illegal('The whole meeting is cancelled: restore that first.')
  if (one.override?.cancelled !== true) return illegal('That occurrence is not cancelled.')
  const isGiven = meeting.rrule !== null && instanceOf(recurrenceOf(meeting), one.recurrenceId) !== undefined
  return isGiven ? undefined : illegal('The series gives no such occurrence any more.')
}

function withOne(before: MeetingAggregate, one: Occurrence, now: Instant): MeetingAggregate {
  const override = withoutMark(one.override)
  const restored = { ...one, override, status: statusOf(before.meeting, { ...one, override }, true) }
  return {
    ...before,
    meeting: changedAt(before.meeting, now),
    occurrences: before.occurrences.map((o) => (o === one ? restored : o)),
  }
}

async function withAll(tx: MeetingsTx, before: MeetingAggregate, now: Instant): Promise<MeetingAggregate> {
  const status = (await tx.statusBeforeCancel(before.meeting.id)) ?? 'confirmed'
  const meeting = { ...changedAt(before.meeting, now), status }
  return {
    ...before,
    meeting,
    occurrences: before.occurrences.map((one) => ({ ...one, status: statusOf(meeting, one, true) })),
  }
}

function changedAt(meeting: Meeting, now: Instant): Meeting {
  return { ...meeting, version: meeting.version + 1, updatedAt: now }
}

function withoutMark(override: Override | null): Override | null {
  const { cancelled: _, ...rest } = override ?? {}
  return Object.keys(rest).length === 0 ? null : rest
}
