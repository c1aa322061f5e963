import type { MeetingAggregate } from '../meetings/ports.ts'
import type { Instant } from '../time/instant.ts'
import { type Message, contentOf } from './message.ts'

/**
 * Tells who organises a series which of its occurrences have no room. Each occurrence is marked once (`inbox`); one mail is
 * about all that were marked anew. Pure.
 */
export function conflictMessages(
  { meeting, occurrences }: MeetingAggregate,
  now: Instant,
): { marks: Message[]; mailOf: (fresh: readonly Message[]) => Message[] } {
  const common = { recipient: meeting.organizerId, kind: 'conflict' as const, meetingId: meeting.id }
  const marks = occurrences
    .filter((occurrence) => occurrence.status === 'conflicted' && occurrence.end > now)
    .map(({ recurrenceId, start, end }): Message => ({
      ...common,
      channel: 'inbox',
      eventKey: `conflict.${meeting.id}.${recurrenceId}.${start}`,
      content: contentOf([{ recurrenceId, start, end }]),
    }))
  const mailOf = (fresh: readonly Message[]): Message[] => {
    const [first] = fresh
    if (first === undefined) return []
    const content = contentOf(fresh.flatMap((mark) => mark.content.occurrences))
    return [{ ...common, channel: 'email', eventKey: first.eventKey, content }]
  }
  return { marks, mailOf }
}
