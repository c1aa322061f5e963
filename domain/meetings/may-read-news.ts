import type { Actor } from '../identity/actor.ts'
import { type Visibility, can } from '../identity/can.ts'
import type { MeetingView } from './meeting-view.ts'

/** Whether an event of a topic is for this viewer. Only `meeting:` news says itself who may read it; other topics are decided when joined. */
export function mayReadNews(actor: Actor, { topic, data }: { topic: string; data: unknown }): boolean {
  if (!topic.startsWith('meeting:')) return true
  const { visibility, organizer, participants } = data as MeetingView
  return can(actor, 'watch', {
    kind: 'meeting',
    visibility: visibility as Visibility,
    organizerId: organizer?.id ?? '',
    participantIds: participants.flatMap(({ userId }) => userId ?? []),
  })
}
