import { civilDay, weekdayOf } from '../time/civil.ts'
import { type Interval, DAY_MS, HOUR_MS, MINUTE_MS } from '../time/instant.ts'
import { type Zone, zoneOrUtc } from '../time/zone.ts'
import type { MessageContent, MessageKind, TellOccurrence } from './message.ts'

export interface RenderFacts {
  kind: MessageKind
  content: MessageContent
  title: string
  organizerName: string
  /** Of the rooms, as they are. */
  roomNames: readonly string[]
  /** The whole meeting is off, as opposed to: without this person. */
  isCancelled: boolean
  /** Why, as far as who cancelled it said. */
  reason?: string | undefined
  /** IANA zone of who reads it. */
  timezone: string
  /** Where the meeting is shown. */
  url: string
}

export interface Rendered {
  subject: string
  text: string
  html: string
}

const SUBJECTS: Record<MessageKind, string> = {
  invitation: 'Invitation',
  change: 'Changed',
  cancellation: 'Cancelled',
  reminder: 'Reminder',
  conflict: 'Room taken',
}

/** A message as text and as simple HTML, about the occurrences in `content` and no others, in the reader's own time. Pure. */
export function renderMessage(facts: RenderFacts): Rendered {
  const zone = zoneOrUtc(facts.timezone)
  const { occurrences, more } = facts.content
  const first = occurrences[0]
  // A mail about one occurrence is about what that is called.
  const title = (occurrences.length === 1 && more === 0 ? first?.title : undefined) ?? facts.title
  const subject = `${SUBJECTS[facts.kind]}: ${title}${first ? ` (${day(zone, first.start)})` : ''}`
  const lines = occurrences.map((occurrence) => occurrenceLine(zone, occurrence, title))
  if (more > 0) lines.push(`and ${more} more`)
  const where = facts.roomNames.length > 0 && facts.kind !== 'conflict' ? [`Where: ${facts.roomNames.join(', ')}`] : []
  const why = facts.reason === undefined ? [] : [`Reason: ${facts.reason}`]
  const about = [...why, `Organised by ${facts.organizerName}`, ...where, `Times are in ${zone.name}.`]
  const opening = openingOf(facts)
  const text = [opening, '', title, ...lines.map((line) => `  ${line}`), '', ...about, '', facts.url, ''].join('\n')
  const html = [
    `<p>${escape(opening)}</p>`,
    `<p><strong>${escape(title)}</strong></p>`,
    `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`,
    `<p>${about.map(escape).join('<br>')}</p>`,
    `<p><a href="${escape(facts.url)}">Open the meeting</a></p>`,
  ].join('\n')
  return { subject, text, html }
}

function openingOf({ kind, isCancelled, organizerName }: RenderFacts): string {
  switch (kind) {
    case 'invitation':
      return `${organizerName} invites you.`
    case 'change':
      return 'A meeting of yours was changed.'
    case 'cancellation':
      return isCancelled ? 'This does not take place.' : 'You are not expected here any more.'
    case 'reminder':
      return 'This begins soon.'
    case 'conflict':
      return 'The room is taken at these times of your series. They have no room: choose another room or time, or leave them out.'
    default:
      return kind satisfies never
  }
}

function occurrenceLine(zone: Zone, { start, end, was, isGone, title: own }: TellOccurrence, title: string): string {
  const span = `${spanText(zone, { start, end })}${own === undefined || own === title ? '' : `, ${own}`}`
  if (isGone) return `${span}: does not take place`
  return was === undefined ? span : `${span} (was ${spanText(zone, was)})`
}

/** `Tue 24 Nov 2026, 10:00-11:00`, or both days when it goes over midnight. */
function spanText(zone: Zone, { start, end }: Interval): string {
  const endText = day(zone, end) === day(zone, start) ? time(zone, end) : `${day(zone, end)}, ${time(zone, end)}`
  return `${day(zone, start)}, ${time(zone, start)}-${endText}`
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function day(zone: Zone, at: Interval['start']): string {
  const number = Math.floor(zone.wallAt(at) / DAY_MS)
  const civil = civilDay(number)
  return `${WEEKDAYS[weekdayOf(number)]} ${civil.day} ${MONTHS[civil.month - 1]} ${civil.year}`
}

function time(zone: Zone, at: Interval['start']): string {
  const wall = zone.wallAt(at)
  const ofDay = wall - Math.floor(wall / DAY_MS) * DAY_MS
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${pad(Math.floor(ofDay / HOUR_MS))}:${pad(Math.floor(ofDay / MINUTE_MS) % 60)}`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
