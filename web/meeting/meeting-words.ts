import type { Meeting, User } from '../client/contract.ts'
import { spanWords } from '../client/span-words.ts'

/** What its status is, unless that goes without saying. */
export function statusWords(status: string): string | undefined {
  return STATUSES[status]
}

const STATUSES: Record<string, string> = {
  tentative: 'Tentative',
  pending: 'Waits for approval',
  cancelled: 'Cancelled',
  conflicted: 'In conflict',
}

export function privacyWords(visibility: Meeting['visibility']): string | undefined {
  if (visibility === 'participants') return 'Private: only its people know of it'
  return visibility === 'busy_only' ? 'Private: others see only that the time is taken' : undefined
}

const MANAGERS = ['owner', 'admin']

/** Whether this person writes in the meeting's document. A hint for the page only: the server judges every change. */
export function mayWrite({ organizer, participants, visibility }: Meeting, user: User): boolean {
  const attends = organizer?.id === user.id || participants.some(({ userId }) => userId === user.id)
  return attends || (MANAGERS.includes(user.role) && visibility === 'organization')
}

/** Why somebody who reads does not write. */
export function readOnlyWords({ organizer }: Meeting): string {
  const name = `${organizer?.firstName ?? ''} ${organizer?.lastName ?? ''}`.trim()
  return name === ''
    ? 'You can read this. Its organizer and its participants write in it.'
    : `You can read this. ${name}, who organizes it, and its participants write in it.`
}

/** `14:00–14:30`, with its day unless that is today. */
export function entryWords({ start, end }: { start: string; end: string }, now: number, zone: string): string {
  return spanWords({ start: Date.parse(start), end: Date.parse(end) }, now, zone)
}
