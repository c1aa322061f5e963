import type { Actor } from '../identity/actor.ts'
import { type RecurrenceSet, expand, lastInstance } from '../recurrence/expand.ts'
import type { Refusal } from '../refusals.ts'
import { type Result, ok } from '../result.ts'
import { type Instant, DAY_MS, instant, plus } from '../time/instant.ts'
import { claimWhatFits } from './claim-what-fits.ts'
import { type Meeting, type Occurrence, BOUNDS, horizonOf } from './meeting.ts'
import { meetingNews } from './meeting-news.ts'
import { meetingView } from './meeting-view.ts'
import { peopleOf } from './occurrence-look.ts'
import { factsOf } from './open-meeting.ts'
import type { MeetingAggregate, MeetingsDeps } from './ports.ts'
import { givenAt, recurrenceOf } from './series-times.ts'

export interface Extended {
  /** Newly materialised; those whose room was taken, or would break its rules, are `conflicted`. */
  added: Occurrence[]
  /** When there is more to do; undefined: this meeting needs no extension any more. */
  next: Instant | undefined
}

/** A week at a time: rows of a series are rewritten as often, and the horizon is never nearer than 13 months less a week. */
const STEP_MS = 7 * DAY_MS

/**
 * Materialises what a series gives until 13 months from now. An occurrence that cannot have all rooms is `conflicted` and claims
 * nothing; nothing that stood before is touched. Once more changes nothing. Done in the name of the installation, so no right
 * is asked; the version stays, because nobody's view of the meeting became wrong.
 */
export async function extendSeries(
  deps: MeetingsDeps,
  actor: Actor,
  { meetingId }: { meetingId: string },
): Promise<Result<Extended, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const before = await tx.load(meetingId)
    if (before === undefined || !isEndless(before.meeting)) return ok({ added: [], next: undefined })
    const { meeting } = before
    const until = horizonOf(now, meeting.start)
    if (until - meeting.materialisedUntil < STEP_MS) return ok({ added: [], next: nextStep(meeting, now) })

    const set = recurrenceOf(meeting)
    const facts = await factsOf(tx, before)
    const added = newOccurrences(before, set, until)
    const last = lastInstance(set)
    const extended = {
      ...meeting,
      materialisedUntil: last !== undefined && last.start < until ? instant(Infinity) : until,
    }
    const aggregate = { ...before, meeting: extended, occurrences: [...before.occurrences, ...added] }
    // An allocation is of an occurrence, which must be there first.
    await tx.update(extended, { occurrences: aggregate.occurrences })
    const granted = await claimWhatFits(deps, tx, before, added, facts, now)
    if (added.some((occurrence) => occurrence.status === 'conflicted')) {
      await tx.update(extended, { occurrences: aggregate.occurrences })
    }

    const people = peopleOf(before)
    const view = meetingView(extended, before.participants, facts)
    if (added.length > 0) {
      const news = meetingNews({
        type: 'meeting.updated',
        view,
        aggregate,
        facts,
        released: [],
        booked: granted,
        before: people,
      })
      const conflicted = added.filter((one) => one.status === 'conflicted').map((one) => one.recurrenceId)
      const events = news.map((event) =>
        event.topic === `person:${meeting.organizerId}` ? { ...event, data: { ...event.data, conflicted } } : event,
      )
      const detail = { occurrences: added.length, conflicted: conflicted.length }
      await tx.record({ actor, events, audit: { action: 'series.extend', subjectId: meeting.id, detail } })
    }
    return ok({ added, next: nextStep(extended, now) })
  })
}

function isEndless({ rrule, status, materialisedUntil }: Meeting): boolean {
  return rrule !== null && status !== 'cancelled' && Number.isFinite(materialisedUntil)
}

function nextStep(meeting: Meeting, now: Instant): Instant | undefined {
  if (!isEndless(meeting)) return undefined
  const lead = horizonOf(now, meeting.start) - now
  return plus(meeting.materialisedUntil, STEP_MS - lead)
}

function newOccurrences({ meeting, occurrences }: MeetingAggregate, set: RecurrenceSet, until: Instant): Occurrence[] {
  const known = new Set(occurrences.map((occurrence) => occurrence.recurrenceId))
  return expand(set, meeting.materialisedUntil, until, BOUNDS.occurrences)
    .filter(({ recurrenceId }) => !known.has(recurrenceId))
    .map(({ recurrenceId }) => givenAt(meeting, recurrenceId))
}
