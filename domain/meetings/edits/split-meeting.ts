import type { Actor } from '../../identity/actor.ts'
import type { Refusal } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import type { LocalTime } from '../../time/local-time.ts'
import { type Changed, type LookedUp, changeRefusal, changedFields, requestFor } from './change-command.ts'
import { settledKey } from '../claims.ts'
import { type Edit, editAll, stillNamed } from './edit-all.ts'
import { allLeftOut, leaveOut, leftOutWarning } from '../leave-out.ts'
import type { Claim, Occurrence, Override } from '../meeting.ts'
import { keptChange } from './meeting-changes.ts'
import { meetingNews } from '../meeting-news.ts'
import { etagOf, meetingView } from '../meeting-view.ts'
import { peopleOf } from '../occurrence-look.ts'
import { asSeenBy } from '../open-meeting.ts'
import type { MeetingAggregate, MeetingsDeps, MeetingsTx } from '../ports.ts'
import { planWhatFits } from '../plan-what-fits.ts'
import { repairWarnings, repaired } from '../plans/repairs.ts'
import { isRefusedBooking, refuseWithWay, settleLost } from '../settle-lost.ts'
import { slotOf } from '../series-times.ts'
import { endBefore, startingAt } from './split-series.ts'
import type { StandingMeeting } from './standing-meeting.ts'

/**
 * Scope `following` (CONTRACT.md): the series ends before that occurrence, and a new meeting takes what is left with its
 * exceptions and the edit. Both are written, and claims go from one to the other, in this transaction. Answers the new meeting.
 */
export async function splitMeeting(
  deps: MeetingsDeps,
  tx: MeetingsTx,
  actor: Actor,
  before: StandingMeeting,
  from: Occurrence,
  change: LookedUp,
): Promise<Result<Changed, Refusal>> {
  const { cmd, facts, now } = change
  const rest = restOf(deps, before, from, change)
  const edited = editAll(rest, withRule(rest, cmd), {
    now,
    tzVersion: deps.tzVersion,
    invited: change.invited,
    // A date of its own: the rule's first instance comes after it.
    anchor: from.recurrenceId === rest.meeting.localStart ? undefined : slotOf(rest.meeting, from.recurrenceId),
  })
  if (!edited.ok) return edited
  const { warnings } = edited.value
  const given = repaired(edited.value.aggregate, cmd.repairs)
  const wanted = { aggregate: given, request: requestFor(given, facts, now) }
  const moving = before.claims.filter((claim) => claim.recurrenceId >= from.recurrenceId)
  const standing = { ...before.standing, claims: moving, settled: new Set<string>() }
  const fitting = planWhatFits(deps, wanted, cmd.onConflict, standing)
  if (!fitting.ok && !isRefusedBooking(fitting.error)) return fitting
  const refusal = changeRefusal(before, cmd, from)
  if (refusal !== undefined) return err(refusal)
  if (!fitting.ok) return refuseWithWay(tx, fitting.error, wanted.request)
  const { aggregate, request, leftOut } = fitting.value

  const ended = endBefore(before.aggregate, from.recurrenceId, { now, keepsCancelled: false })
  const head = { ...ended, participants: stillNamed(ended.participants, undefined, ended.occurrences) }
  await tx.release(head.meeting.id, moving)
  await tx.update(head.meeting, { participants: head.participants, occurrences: head.occurrences })
  await tx.insert(aggregate)
  const gone = new Set(fitting.value.change.removed)
  const taken = [
    ...moving.filter((claim) => !gone.has(claim)).map((claim) => ({ ...claim, id: deps.newId() })),
    ...fitting.value.change.added,
  ]
  const isGranted = taken.length === 0 || (await tx.claim(aggregate.meeting.id, taken))
  const skipped = isGranted ? ok([]) : await settleLost(tx, aggregate.meeting.id, request, taken, cmd.onConflict)
  if (!skipped.ok) return skipped
  const booked = await leaveOut(tx, aggregate, taken, skipped.value)

  const { recurrenceId } = from
  await tx.handOverTold({ from: head.meeting.id, to: aggregate.meeting.id, recurrenceId })
  const split = { before: before.aggregate, after: head, scope: 'following', recurrenceId } as const
  await tx.keepChange(keptChange(actor, 'meeting.change', split))
  const left = allLeftOut(skipped.value, cmd.repairs, leftOut)
  await tx.keepChange(keptChange(actor, 'meeting.split', { before: rest, after: aggregate, leftOut: left }))
  await tx.record(
    headEntry(actor, before, head, moving, from),
    restEntry(actor, before, aggregate, { booked, left }, change),
  )
  const { meeting, participants } = aggregate
  return ok({
    meeting: asSeenBy(actor, meeting, participants, meetingView(meeting, participants, facts)),
    etag: etagOf(meeting),
    warnings: [
      ...[...warnings, ...repairWarnings(cmd.repairs), ...repairWarnings(leftOut)],
      ...skipped.value.map(leftOutWarning),
    ],
    isNew: true,
  })
}

/** What begins there, before the edit: times given are for its rule-given start, so its own time is replaced by them. */
function restOf(
  deps: MeetingsDeps,
  { aggregate, settled }: StandingMeeting,
  { recurrenceId }: Occurrence,
  { cmd, now }: LookedUp,
): MeetingAggregate {
  const isGivenBack = (roomId: string, occurrence: Occurrence) => settled.has(settledKey(roomId, occurrence))
  const rest = startingAt(aggregate, recurrenceId, { id: deps.newId(), now, isGivenBack })
  if (cmd.startTime === undefined && cmd.endTime === undefined) return rest
  const occurrences = rest.occurrences.map((one) =>
    one.recurrenceId === recurrenceId ? { ...one, override: withoutTime(one.override) } : one,
  )
  return { ...rest, occurrences }
}

function withoutTime(override: Override | null): Override | null {
  const { start: _, durationMs: __, ...rest } = override ?? {}
  return Object.keys(rest).length === 0 ? null : rest
}

/** A new meeting's schedule is planned in any case, from the rule that is left if no other is given. */
function withRule({ meeting: { timezone } }: MeetingAggregate, edit: Edit): Edit {
  return { timezone, ...edit }
}

function headEntry(
  actor: Actor,
  { aggregate: before, facts }: StandingMeeting,
  head: MeetingAggregate,
  released: readonly Claim[],
  { recurrenceId }: Occurrence,
) {
  const view = meetingView(head.meeting, head.participants, facts)
  return {
    actor,
    events: meetingNews({
      type: 'meeting.updated',
      view,
      aggregate: head,
      facts,
      released,
      booked: [],
      before: peopleOf(before),
    }),
    audit: {
      action: 'meeting.change',
      subjectId: view.id,
      detail: { scope: 'following', recurrenceId, endsBefore: true },
    },
  }
}

function restEntry(
  actor: Actor,
  { aggregate: before }: StandingMeeting,
  aggregate: MeetingAggregate,
  { booked, left }: { booked: readonly Claim[]; left: readonly LocalTime[] },
  { cmd, facts }: LookedUp,
) {
  const view = meetingView(aggregate.meeting, aggregate.participants, facts)
  const known = new Set(peopleOf(before))
  return {
    actor,
    events: meetingNews({
      type: 'meeting.created',
      view,
      aggregate,
      facts,
      released: [],
      booked,
      // Who was in the series before is invited to nothing new.
      before: peopleOf(aggregate).filter((userId) => known.has(userId)),
    }),
    audit: {
      action: 'meeting.book',
      subjectId: view.id,
      detail: {
        rooms: view.roomIds,
        occurrences: aggregate.occurrences.length,
        splitFrom: before.meeting.id,
        fields: changedFields(cmd),
        ...(left.length > 0 && { leftOut: left }),
      },
    },
  }
}
