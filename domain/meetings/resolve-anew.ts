import type { Actor } from '../identity/actor.ts'
import type { Refusal } from '../refusals.ts'
import { type Result, ok } from '../result.ts'
import { type Instant, SECOND_MS } from '../time/instant.ts'
import { wallMs } from '../time/local-time.ts'
import { claimWhatFits } from './claim-what-fits.ts'
import type { Meeting, Occurrence } from './meeting.ts'
import { keptChange } from './edits/meeting-changes.ts'
import { meetingNews } from './meeting-news.ts'
import { meetingView } from './meeting-view.ts'
import { peopleOf, statusOf } from './occurrence-look.ts'
import type { MeetingAggregate, MeetingsDeps } from './ports.ts'
import { endOf, placed, zoneOf } from './series-times.ts'
import { standingOf } from './edits/standing-meeting.ts'

export interface ResolvedAnew {
  /** Occurrences that are at another moment now, as they are. */
  moved: Occurrence[]
}

/**
 * The rules of a zone have changed since the meeting's instants were resolved: what is still to come is resolved again from its
 * wall clock, which is the truth, and its claims move along. What was moved by itself stays, and so does what is past. Who
 * cannot have a room there is `conflicted`. Done in the name of the installation, so no right is asked; once more changes
 * nothing. Zone data older than the meeting's never undoes what newer data did.
 */
export async function resolveAnew(
  deps: MeetingsDeps,
  actor: Actor,
  { meetingId }: { meetingId: string },
): Promise<Result<ResolvedAnew, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const before = await tx.load(meetingId)
    if (before === undefined || before.meeting.tzVersion >= deps.tzVersion) return ok({ moved: [] })
    const aggregate = resolved(before, deps.tzVersion, now)
    const moved = movedIn(before, aggregate)
    if (moved.length === 0) {
      await tx.update(
        { ...aggregate.meeting, version: before.meeting.version, updatedAt: before.meeting.updatedAt },
        {},
      )
      return ok({ moved })
    }
    const { facts, claims, settled } = await standingOf(tx, before)
    const ids = new Set(moved.map((one) => one.recurrenceId))
    const released = claims.filter((claim) => ids.has(claim.recurrenceId))
    await tx.release(meetingId, released)
    await tx.update(aggregate.meeting, { occurrences: aggregate.occurrences })
    // What an occurrence gave back it does not get again by being an hour later.
    const givenBack = [...settled].map((key) => key.slice(0, key.lastIndexOf(' ') + 1))
    const booked = await claimWhatFits(deps, tx, aggregate, moved, facts, now, ({ resourceId, recurrenceId }) =>
      givenBack.includes(`${resourceId} ${recurrenceId} `),
    )
    const conflicted = moved.filter((one) => one.status === 'conflicted').map((one) => one.recurrenceId)
    if (conflicted.length > 0) await tx.update(aggregate.meeting, { occurrences: aggregate.occurrences })
    const view = meetingView(aggregate.meeting, aggregate.participants, facts)
    const news = meetingNews({
      type: 'meeting.updated',
      view,
      aggregate,
      facts,
      released,
      booked,
      before: peopleOf(before),
    })
    const events = news.map((event) =>
      event.topic === `person:${before.meeting.organizerId}`
        ? { ...event, data: { ...event.data, conflicted } }
        : event,
    )
    await tx.keepChange(keptChange(actor, 'series.resolve', { before, after: aggregate }))
    const detail = { tzVersion: deps.tzVersion, occurrences: moved.length, conflicted: conflicted.length }
    await tx.record({ actor, events, audit: { action: 'series.resolve', subjectId: meetingId, detail } })
    return ok({ moved })
  })
}

/** Pure. */
function resolved(before: MeetingAggregate, tzVersion: string, now: Instant): MeetingAggregate {
  const meeting = meetingResolved(before.meeting, tzVersion, now)
  const occurrences = before.occurrences.map((one): Occurrence => {
    if (one.start <= now || one.override?.start !== undefined) return one
    // A single meeting is itself the one occurrence, whatever its identity.
    const isSingle = meeting.rrule === null && one.override?.cancelled !== true
    const slot = isSingle
      ? { recurrenceId: one.recurrenceId, start: meeting.start, end: meeting.end }
      : placed(meeting, one.recurrenceId, one.override)
    if (slot.start === one.start && slot.end === one.end) return one
    return { ...one, ...slot, status: statusOf(meeting, one, true) }
  })
  return { ...before, meeting, occurrences }
}

function meetingResolved(meeting: Meeting, tzVersion: string, now: Instant): Meeting {
  const zone = zoneOf(meeting)
  const wall = wallMs(meeting.localStart)
  // In the second pass of an hour that comes twice the clock says what is meant, though it is not the first such instant.
  const isRight = Math.floor(zone.wallAt(meeting.start) / SECOND_MS) * SECOND_MS === wall
  const isPast = meeting.rrule === null && meeting.start <= now
  const fractionMs = ((meeting.start % SECOND_MS) + SECOND_MS) % SECOND_MS
  const start = isRight || isPast ? meeting.start : ((zone.instantOf(wall) + fractionMs) as Instant)
  const lastsMs = meeting.end - meeting.start
  const end = isPast ? meeting.end : endOf(zone, meeting.allDay, start, lastsMs)
  return { ...meeting, start, end, tzVersion, version: meeting.version + 1, updatedAt: now }
}

/** The same objects as in `after`: what cannot be claimed is marked in them. */
function movedIn(before: MeetingAggregate, after: MeetingAggregate): Occurrence[] {
  return after.occurrences.filter((one, i) => one !== before.occurrences[i])
}
