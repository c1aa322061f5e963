import type { Actor } from '../identity/actor.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { authorise, checkVersion, factsOf } from './open-meeting.ts'
import { busyPeople } from './claims.ts'
import { ALLOWED } from './meeting.ts'
import { meetingNews } from './meeting-news.ts'
import { etagOf, meetingView } from './meeting-view.ts'
import type { Changed } from './change-meeting.ts'
import type { MeetingsDeps } from './ports.ts'

export interface CancelMeeting {
  meetingId: string
  /** From If-Match; a cancel may come without one. */
  ifVersion?: number | '*' | undefined
  reason?: string | undefined
}

/** Cancels a meeting with all its occurrences and frees its rooms. It stays readable. `illegal_transition` when it was cancelled before. */
export async function cancelMeeting(deps: MeetingsDeps, actor: Actor, cmd: CancelMeeting): Promise<Result<Changed, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const loaded = await tx.load(cmd.meetingId)
    const allowed = authorise(actor, 'cancel', loaded)
    if (!allowed.ok) return allowed
    const before = allowed.value
    const facts = await factsOf(tx, before)
    const current = meetingView(before.meeting, before.participants, facts)
    const stale = checkVersion(before.meeting, cmd.ifVersion ?? '*', current)
    if (stale !== undefined) return err(stale)
    if (!(ALLOWED.cancel as readonly string[]).includes(before.meeting.status)) {
      return err(refuse('illegal_transition', 'The meeting is already cancelled.'))
    }

    const meeting = { ...before.meeting, status: 'cancelled' as const, version: before.meeting.version + 1, updatedAt: now }
    const occurrences = before.occurrences.map((occurrence) => ({ ...occurrence, status: 'cancelled' as const }))
    const aggregate = { ...before, meeting, occurrences }
    const released = await tx.claimsOf(meeting.id)
    await tx.release(meeting.id, released)
    await tx.update(meeting, { occurrences })
    const view = meetingView(meeting, before.participants, facts)
    const people = busyPeople({ organizerId: meeting.organizerId, participants: before.participants })
    await tx.record({
      actor,
      events: meetingNews({ type: 'meeting.cancelled', view, aggregate, released, booked: [], before: people }),
      audit: { action: 'meeting.cancel', subjectId: meeting.id, detail: { reasonGiven: cmd.reason !== undefined } },
    })
    return ok({ meeting: view, etag: etagOf(meeting), warnings: [] })
  })
}
