import type { Meeting, User } from '../client/contract.ts'
import { spanWords } from '../client/span-words.ts'
import { dateIn, dayIn, timeIn, zoneWords } from '../client/zone.ts'

/** `Tue 24 Nov, 14:00–14:30, Berlin time (UTC+1)`. */
export function whenWords({ start, end }: { start: number; end: number }, zone: string): string {
  const day = dayIn(zone, start)
  const until =
    dateIn(zone, start) === dateIn(zone, end - 1) ? timeIn(zone, end) : `${dayIn(zone, end)} ${timeIn(zone, end)}`
  return `${day}, ${timeIn(zone, start)}–${until}, ${zoneWords(zone, start)}`
}

/** The same where the meeting is at home; undefined when the clocks agree. */
export function whenThere(span: { start: number; end: number }, zone: string, viewerZone: string): string | undefined {
  const clock = (of: string, at: number) => `${dateIn(of, at)} ${timeIn(of, at)}`
  const isSame = clock(zone, span.start) === clock(viewerZone, span.start)
  return isSame && clock(zone, span.end) === clock(viewerZone, span.end) ? undefined : whenWords(span, zone)
}

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

export function responseWords(response: string): string {
  return RESPONSES[response] ?? ''
}

const RESPONSES: Record<string, string> = {
  accepted: 'comes',
  tentative: 'may come',
  declined: 'does not come',
  needs_action: 'has not answered',
}

/** `14:00–14:30`, with its day unless that is today. */
export function entryWords({ start, end }: { start: string; end: string }, now: number, zone: string): string {
  return spanWords({ start: Date.parse(start), end: Date.parse(end) }, now, zone)
}
