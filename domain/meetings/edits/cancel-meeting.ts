import type { Actor } from '../../identity/actor.ts'
import type { Refusal } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import type { Instant } from '../../time/instant.ts'
import { staleRefusal } from '../../versions.ts'
import { type Changed, scopeOf } from './change-command.ts'
import { stillNamed } from './edit-all.ts'
import { type ScopeInput, type Target, hasEndedBefore, isBeforeAll, scopeRefusal, targetOf } from './edit-scope.ts'
import type { Occurrence } from '../meeting.ts'
import { keptChange } from './meeting-changes.ts'
import { meetingNews } from '../meeting-news.ts'
import { etagOf, meetingView } from '../meeting-view.ts'
import { peopleOf } from '../occurrence-look.ts'
import { asSeenBy, authorise, goneRefusal, illegal, occurrenceSeenBy, transitionRefusal } from '../open-meeting.ts'
import type { MeetingAggregate, MeetingsDeps } from '../ports.ts'
import { endBefore } from './split-series.ts'
import { standingOf } from './standing-meeting.ts'

export interface CancelMeeting extends ScopeInput {
  meetingId: string
  /** From If-Match; a cancel may come without one. */
  ifVersion?: number | '*' | undefined
  reason?: string | undefined
}

/**
 * Cancels a meeting with all its occurrences, one of them, or ends the series before one (CONTRACT.md, Scopes), and frees
 * rooms and people. What was cancelled stays readable. `illegal_transition` when it was cancelled, or the series ended, before.
 */
export async function cancelMeeting(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: CancelMeeting,
): Promise<Result<Changed, Refusal>> {
  const now = deps.now()
  const misshapen = scopeRefusal(cmd)
  if (misshapen !== undefined) return err(misshapen)
  return deps.transact(actor, now, async (tx) => {
    const allowed = authorise(actor, 'cancel', await tx.load(cmd.meetingId))
    if (!allowed.ok) return allowed
    const before = allowed.value
    const target = targetToCancel(before, cmd)
    if (!target.ok) return target
    const { facts, claims } = await standingOf(tx, before)
    const current = () =>
      asSeenBy(actor, before.meeting, before.participants, meetingView(before.meeting, before.participants, facts))
    const seen = { ifVersion: cmd.ifVersion, version: undefined }
    const refusal = staleRefusal(seen, before.meeting, current) ?? stepRefusal(before, target.value)
    if (refusal !== undefined) return err(refusal)
    if (target.value.scope === 'nothing') return err(illegal('The series ends before that occurrence already.'))

    const aggregate = cancelled(before, target.value, now)
    const { meeting, participants, occurrences } = aggregate
    const live = new Set(occurrences.filter(({ status }) => status !== 'cancelled').map((one) => one.recurrenceId))
    const released = claims.filter((claim) => !live.has(claim.recurrenceId))
    await tx.release(meeting.id, released)
    await tx.update(meeting, { participants, occurrences })
    const view = meetingView(meeting, participants, facts)
    const isWhole = target.value.scope === 'all'
    const kept = keptChange(actor, 'meeting.cancel', { before, after: aggregate, ...scopeOf(target.value) })
    const why = cmd.reason === undefined ? {} : { reason: { before: null, after: cmd.reason } }
    await tx.keepChange({ ...kept, changes: { ...kept.changes, ...why } })
    await tx.record({
      actor,
      events: meetingNews({
        type: isWhole ? 'meeting.cancelled' : 'meeting.updated',
        view,
        aggregate,
        facts,
        released,
        booked: [],
        before: peopleOf(before),
      }),
      audit: {
        action: 'meeting.cancel',
        subjectId: meeting.id,
        detail: { reasonGiven: cmd.reason !== undefined, ...scopeOf(target.value) },
      },
    })
    const id = target.value.scope === 'this' ? target.value.occurrence.recurrenceId : undefined
    const one = occurrences.find((occurrence) => occurrence.recurrenceId === id)
    const seenOne = one && occurrenceSeenBy(actor, aggregate, view, one, facts)
    return ok({
      meeting: seenOne ?? asSeenBy(actor, meeting, participants, view),
      etag: etagOf(meeting),
      warnings: [],
      isNew: false,
    })
  })
}

/** Nothing is left to do where the series ends before already. */
function targetToCancel(
  aggregate: MeetingAggregate,
  cmd: CancelMeeting,
): Result<Target | { scope: 'nothing' }, Refusal> {
  const target = targetOf(aggregate, cmd)
  if (!target.ok) {
    return cmd.scope === 'following' && hasEndedBefore(aggregate, cmd.recurrenceId) ? ok({ scope: 'nothing' }) : target
  }
  // Ended before all it has, also before what is cancelled: that is the whole.
  const isWhole =
    target.value.scope === 'following' && isBeforeAll(aggregate.meeting, target.value.occurrence.recurrenceId)
  return isWhole ? ok({ scope: 'all' }) : target
}

function stepRefusal({ meeting }: MeetingAggregate, target: Target | { scope: 'nothing' }): Refusal | undefined {
  return transitionRefusal(meeting, 'cancel') ?? (target.scope === 'this' ? goneRefusal(target.occurrence) : undefined)
}

function cancelled(before: MeetingAggregate, target: Target, now: Instant): MeetingAggregate {
  const { meeting, occurrences } = before
  const next = { ...meeting, version: meeting.version + 1, updatedAt: now }
  switch (target.scope) {
    case 'all':
      return {
        ...before,
        meeting: { ...next, status: 'cancelled' },
        // Without a mark of their own: restoring the meeting brings exactly these back.
        occurrences: occurrences.map((occurrence) => ({ ...occurrence, status: 'cancelled' })),
      }
    case 'this': {
      const { occurrence } = target
      const gone: Occurrence = {
        ...occurrence,
        status: 'cancelled',
        override: { ...occurrence.override, cancelled: true },
      }
      const others = occurrences.filter((one) => one.recurrenceId !== occurrence.recurrenceId)
      return { ...before, meeting: next, occurrences: [...others, gone] }
    }
    case 'following': {
      const ended = endBefore(before, target.occurrence.recurrenceId, { now, keepsCancelled: true })
      return { ...ended, participants: stillNamed(ended.participants, undefined, ended.occurrences) }
    }
    default:
      return target satisfies never
  }
}
