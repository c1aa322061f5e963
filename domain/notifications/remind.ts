import { type Meeting, type Occurrence, isLive } from '../meetings/meeting.ts'
import { hasOwnSeating, lookOf } from '../meetings/occurrence-look.ts'
import type { MeetingAggregate } from '../meetings/ports.ts'
import { type Instant, MINUTE_MS, instant, plus } from '../time/instant.ts'
import { type Message, contentOf, isGuest, isTooLate, recipientsOf } from './message.ts'
import { type Preferences, remindsMs } from './preferences.ts'

export interface Reminders {
  messages: Message[]
  /** When somebody is to be reminded next; undefined: nothing is left. */
  next: Instant | undefined
}

/**
 * Whom to remind of what by now. An occurrence's start is the truth: one that moved is reminded of anew, one that is gone not
 * at all, one that began a while ago no more. Pure; `preferences` are of users, guests have none.
 */
export function remind(
  aggregate: MeetingAggregate,
  preferences: ReadonlyMap<string, Preferences>,
  now: Instant,
): Reminders {
  const { meeting, occurrences } = aggregate
  const wishesOf = (participants: MeetingAggregate['participants']) =>
    recipientsOf(meeting, participants).map((recipient) => {
      const own = preferences.get(recipient)
      return { recipient, own, leadMs: remindsMs(own) }
    })
  const inSeries = wishesOf(aggregate.participants.filter((participant) => participant.inSeries))
  const messages: Message[] = []
  let next = Infinity
  const isToCome = (one: Occurrence) => isLive(one) && !isTooLate(one.start, now) && !isBookedAsItBegan(meeting, one)
  for (const occurrence of occurrences.filter(isToCome)) {
    const expected = hasOwnSeating(occurrence) ? wishesOf(lookOf(aggregate, occurrence).participants) : inSeries
    for (const { recipient, own, leadMs } of expected) {
      const at = plus(occurrence.start, -leadMs)
      if (at > now) {
        next = Math.min(next, at)
        continue
      }
      const { recurrenceId, start, end } = occurrence
      const title = occurrence.override?.title
      const common = {
        eventKey: `reminder.${meeting.id}.${start}`,
        recipient,
        kind: 'reminder' as const,
        meetingId: meeting.id,
        content: contentOf([{ recurrenceId, start, end, ...(title !== undefined && { title }) }]),
      }
      if (!isGuest(recipient)) messages.push({ ...common, channel: 'inbox' })
      if (own?.email !== false) messages.push({ ...common, channel: 'email' })
    }
  }
  return { messages, next: Number.isFinite(next) ? instant(next) : undefined }
}

/** Who walked into a room needs no reminder of it. */
function isBookedAsItBegan({ createdAt }: Meeting, { start }: Occurrence): boolean {
  return start < createdAt + MINUTE_MS
}
