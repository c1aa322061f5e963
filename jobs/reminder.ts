import { putDue } from '../db/jobs/due.ts'
import { findUnreminded, upcomingMeetingsOf } from '../db/notifications/due-meetings.ts'
import { holdMeeting, readReaders } from '../db/notifications/meeting-facts.ts'
import { putMessages } from '../db/notifications/messages.ts'
import { record } from '../db/outbox.ts'
import { readOnly, transact } from '../db/transaction.ts'
import type { MeetingView } from '../domain/meetings/meeting-view.ts'
import type { MeetingAggregate } from '../domain/meetings/ports.ts'
import type { NewsEvent } from '../domain/news.ts'
import { type Message, isGuest, recipientsOf } from '../domain/notifications/message.ts'
import { MAX_REMINDER_MS } from '../domain/notifications/preferences.ts'
import { remind } from '../domain/notifications/remind.ts'
import { ok } from '../domain/result.ts'
import { type Instant, plus } from '../domain/time/instant.ts'
import { formatInstant, parseInstant } from '../domain/time/iso.ts'
import type { JobDeps } from './deps.ts'
import type { Job, Turn } from './job.ts'
import { roundOf } from './round.ts'
import { systemActor } from './system-actor.ts'

const KIND = 'reminder'
/** A subject that is a person whose wishes changed, not a meeting. */
const PERSON = 'person.'

/** Reminds of meetings; the subject is a meeting's id. What it decides it decides from the occurrences as they are (domain/notifications/remind.ts). */
export function reminderJob(deps: JobDeps): Job {
  return {
    kind: KIND,
    wakenBy({ topic, type, data }, now) {
      if (topic.startsWith('meeting:') && type.startsWith('meeting.')) {
        return [{ subject: topic.slice('meeting:'.length), dueAt: firstLook(type, data as Partial<MeetingView>, now) }]
      }
      const isPerson = type === 'user.updated' && topic.startsWith('person:')
      return isPerson ? [{ subject: PERSON + topic.slice('person:'.length), dueAt: now }] : []
    },
    sweep: roundOf(deps.pool, async (tx, now) => {
      const ids = await findUnreminded(tx, now)
      return ids.map((subject) => ({ subject, dueAt: now }))
    }),
    run: (turn) => (turn.subject.startsWith(PERSON) ? wakeMeetings(deps, turn) : remindOf(deps, turn)),
  }
}

/** A new meeting that is far off needs no look today. */
function firstLook(type: string, { isRecurring, startTime = '' }: Partial<MeetingView>, now: Instant): Instant {
  const start = parseInstant(startTime)
  if (type !== 'meeting.created' || isRecurring !== false || start === undefined) return now
  const first = plus(start, -MAX_REMINDER_MS)
  return first > now ? first : now
}

async function remindOf(deps: JobDeps, { organizationId, subject, now }: Turn): Promise<Instant | undefined> {
  const actor = systemActor(organizationId, KIND)
  const reminded = await transact(deps.pool, actor, { now, onNews: deps.onNews }, async (tx) => {
    const aggregate = await holdMeeting(tx, subject)
    if (aggregate === undefined) return ok(undefined)
    const readers = await readReaders(tx, recipientsOf(aggregate.meeting, aggregate.participants))
    const preferences = new Map([...readers].map(([id, reader]) => [id, reader.preferences]))
    const { messages, next } = remind(aggregate, preferences, now)
    const fresh = await putMessages(tx, deps, messages, now)
    const events = reminderNews(aggregate, fresh)
    if (fresh.length > 0) {
      const audit = { action: 'reminder.send', subjectId: subject, detail: { messages: fresh.length } }
      await record(tx, { actor, now, id: deps.newId(), events, audit })
    }
    return ok(next)
  })
  return reminded.ok ? reminded.value : undefined
}

/** One event for each user, with all he is reminded of. */
function reminderNews({ meeting }: MeetingAggregate, messages: readonly Message[]): NewsEvent[] {
  const live = messages.filter((message) => message.channel === 'inbox' && !isGuest(message.recipient))
  return [...Map.groupBy(live, (message) => message.recipient)].map(([userId, own]) => ({
    topic: `person:${userId}`,
    type: 'reminder.sent',
    data: {
      meetingId: meeting.id,
      title: meeting.title,
      occurrences: own
        .flatMap((message) => message.content.occurrences)
        .map(({ recurrenceId, start, end }) => ({
          recurrenceId,
          start: formatInstant(start),
          end: formatInstant(end),
        })),
    },
  }))
}

/** Somebody may want to be reminded earlier than his meetings' rows say. */
async function wakeMeetings(deps: JobDeps, { organizationId, subject, now }: Turn): Promise<undefined> {
  const ids = await readOnly(deps.pool, organizationId, (tx) =>
    upcomingMeetingsOf(tx, subject.slice(PERSON.length), now),
  )
  await transact(deps.pool, systemActor(organizationId, KIND), { now, onNews: deps.onNews }, async (tx) => {
    await putDue(
      tx,
      ids.map((id) => ({ kind: KIND, subject: id, dueAt: now })),
    )
    return ok(undefined)
  })
}
