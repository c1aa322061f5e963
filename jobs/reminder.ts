import { putDue } from '../db/jobs/due.ts'
import { findUnreminded, upcomingMeetingsOf } from '../db/notifications/due-meetings.ts'
import { holdMeetings, readReaders } from '../db/notifications/meeting-facts.ts'
import { putMessages } from '../db/notifications/messages.ts'
import { record } from '../db/outbox.ts'
import { readOnly, transact } from '../db/transaction.ts'
import type { MeetingAggregate } from '../domain/meetings/ports.ts'
import type { NewsEvent } from '../domain/news.ts'
import { type Message, isGuest, isTooLate, recipientsOf } from '../domain/notifications/message.ts'
import { DEFAULT_REMINDER_MINUTES, MAX_REMINDER_MINUTES } from '../domain/notifications/preferences.ts'
import { remind } from '../domain/notifications/remind.ts'
import { ok } from '../domain/result.ts'
import { type Instant, MINUTE_MS, SECOND_MS, instant, plus } from '../domain/time/instant.ts'
import { formatInstant, parseInstant } from '../domain/time/iso.ts'
import type { JobDeps } from './deps.ts'
import type { Ends, Job, Turns } from './job.ts'
import { roundOf } from './round.ts'
import { systemActor } from './system-actor.ts'

const KIND = 'reminder'
/** A subject that is a person whose wishes changed, not a meeting. */
const PERSON = 'person.'
/** A booking that began before a wish was known may still be under way; its news carries the older one. */
const SETTLE_MS = 5 * SECOND_MS
/** Looked at in one transaction, which holds them: a command on one of them waits for some milliseconds. */
const TOGETHER = 16

/** What personNews (domain/meetings/meeting-news.ts) tells somebody of a meeting, as far as it counts here. */
interface PersonNews {
  meetingId?: string
  reminderMinutes?: number
  entries?: { start: string }[]
}

/** Reminds of meetings; a subject is a meeting's id. What it decides it decides from the occurrences as they are (domain/notifications/remind.ts). */
export function reminderJob(deps: JobDeps): Job {
  return {
    kind: KIND,
    wakenBy({ topic, type, data }, now) {
      if (!topic.startsWith('person:')) return []
      if (type === 'user.updated')
        return [{ subject: PERSON + topic.slice('person:'.length), dueAt: plus(now, SETTLE_MS) }]
      const news = data as PersonNews
      return news.meetingId === undefined
        ? []
        : firstLook(news, now).map((dueAt) => ({ subject: news.meetingId!, dueAt }))
    },
    sweep: roundOf(deps.pool, async (tx, now) => {
      const ids = await findUnreminded(tx, now)
      return ids.map((subject) => ({ subject, dueAt: now }))
    }),
    together: TOGETHER,
    runAll: (turns) => run(deps, turns),
  }
}

/** Of the news to one person: when the first of his entries may have to be reminded of. */
function firstLook({ entries = [], reminderMinutes = MAX_REMINDER_MINUTES }: PersonNews, now: Instant): Instant[] {
  // Guests have no topic of their own, and are reminded as if they had said nothing.
  const leadMs = Math.max(reminderMinutes, DEFAULT_REMINDER_MINUTES) * MINUTE_MS
  const starts = entries.map(({ start }) => parseInstant(start) ?? now).filter((start) => !isTooLate(start, now))
  return starts.length === 0 ? [] : [instant(Math.max(now, Math.min(...starts) - leadMs))]
}

async function run(deps: JobDeps, { subjects, ...turns }: Turns): Promise<Ends> {
  const isPerson = (subject: string) => subject.startsWith(PERSON)
  for (const person of subjects.filter(isPerson)) await wakeMeetings(deps, person.slice(PERSON.length), turns)
  const meetings = subjects.filter((subject) => !isPerson(subject))
  return meetings.length === 0 ? new Map() : remindOf(deps, { ...turns, subjects: meetings })
}

async function remindOf(deps: JobDeps, { organizationId, subjects, now }: Turns): Promise<Ends> {
  const actor = systemActor(organizationId, KIND)
  const nextOf = new Map<string, Instant>()
  await transact(deps.pool, actor, { now, onNews: deps.onNews }, async (tx) => {
    const aggregates = [...(await holdMeetings(tx, subjects)).values()]
    const recipients = aggregates.flatMap(({ meeting, participants }) => recipientsOf(meeting, participants))
    const readers = await readReaders(tx, recipients)
    const preferences = new Map([...readers].map(([id, reader]) => [id, reader.preferences]))
    const messages = aggregates.flatMap((aggregate) => {
      const reminders = remind(aggregate, preferences, now)
      if (reminders.next !== undefined) nextOf.set(aggregate.meeting.id, reminders.next)
      return reminders.messages
    })
    const fresh = Map.groupBy(await putMessages(tx, deps, messages, now), ({ meetingId }) => meetingId)
    const entries = aggregates.flatMap((aggregate) => {
      const own = fresh.get(aggregate.meeting.id) ?? []
      if (own.length === 0) return []
      const audit = { action: 'reminder.send', subjectId: aggregate.meeting.id, detail: { messages: own.length } }
      return [{ actor, now, id: deps.newId(), events: reminderNews(aggregate, own), audit }]
    })
    if (entries.length > 0) await record(tx, ...entries)
    return ok(undefined)
  })
  return nextOf
}

/** One event for each user, with all he is reminded of. An occurrence says its title where it has one of its own. */
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
        .map(({ recurrenceId, start, end, title }) => ({
          recurrenceId,
          ...(title !== undefined && { title }),
          start: formatInstant(start),
          end: formatInstant(end),
        })),
    },
  }))
}

/** Somebody may want to be reminded earlier than his meetings' rows say. */
async function wakeMeetings(
  deps: JobDeps,
  userId: string,
  { organizationId, now }: Omit<Turns, 'subjects'>,
): Promise<void> {
  const ids = await readOnly(deps.pool, organizationId, (tx) => upcomingMeetingsOf(tx, userId, now))
  await transact(deps.pool, systemActor(organizationId, KIND), { now, onNews: deps.onNews }, async (tx) => {
    await putDue(
      tx,
      ids.map((id) => ({ kind: KIND, subject: id, dueAt: now })),
    )
    return ok(undefined)
  })
}
