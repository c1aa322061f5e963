import type { Actor } from '../identity/actor.ts'
import type { Refusal } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { staleRefusal } from '../versions.ts'
import { busyPeople } from './claims.ts'
import type { Changed } from './change-meeting.ts'
import { meetingNews } from './meeting-news.ts'
import { etagOf, meetingView } from './meeting-view.ts'
import { asSeenBy, authorise, factsOf, transitionRefusal } from './open-meeting.ts'
import type { MeetingsDeps } from './ports.ts'

export interface CancelMeeting {
  meetingId: string
  /** From If-Match; a cancel may come without one. */
  ifVersion?: number | '*' | undefined
  reason?: string | undefined
}

/** Cancels a meeting with all its occurrences and frees its rooms. It stays readable. `illegal_transition` when it was cancelled before. */
export async function cancelMeeting(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: CancelMeeting,
): Promise<Result<Changed, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const allowed = authorise(actor, 'cancel', await tx.load(cmd.meetingId))
    if (!allowed.ok) return allowed
    const before = allowed.value
    const { participants } = before
    const facts = await factsOf(tx, before)
    const current = () =>
      asSeenBy(actor, before.meeting, participants, meetingView(before.meeting, participants, facts))
    const seen = { ifVersion: cmd.ifVersion, version: undefined }
    const refusal = staleRefusal(seen, before.meeting, current) ?? transitionRefusal(before.meeting, 'cancel')
    if (refusal !== undefined) return err(refusal)

    const meeting = {
      ...before.meeting,
      status: 'cancelled' as const,
      version: before.meeting.version + 1,
      updatedAt: now,
    }
    const occurrences = before.occurrences.map((occurrence) => ({ ...occurrence, status: 'cancelled' as const }))
    const aggregate = { ...before, meeting, occurrences }
    const released = await tx.claimsOf(meeting.id)
    await tx.release(meeting.id, released)
    await tx.update(meeting, { occurrences })
    const view = meetingView(meeting, participants, facts)
    const people = busyPeople({ organizerId: meeting.organizerId, participants })
    await tx.record({
      actor,
      events: meetingNews({ type: 'meeting.cancelled', view, aggregate, facts, released, booked: [], before: people }),
      audit: { action: 'meeting.cancel', subjectId: meeting.id, detail: { reasonGiven: cmd.reason !== undefined } },
    })
    return ok({ meeting: asSeenBy(actor, meeting, participants, view), etag: etagOf(meeting), warnings: [] })
  })
}
