import type { Room, Suggestion } from '../client/contract.ts'
import { addDays, dateIn, dayOf, instantIn, timeIn } from '../client/zone.ts'

/** What stands in the form. Dates and times are wall clock in the building's zone. */
export interface Draft {
  title: string
  roomId: string
  /** `2026-11-24`. */
  date: string
  /** `14:00`. */
  start: string
  end: string
  repeat: 'none' | 'daily' | 'weekly'
  /** As typed. */
  count: string
}

export type Faults = Partial<Record<keyof Draft, string>>

const MAX_COUNT = 100
const MAX_TITLE = 200
const STEP_MS = 15 * 60_000
const DEFAULT_MS = 30 * 60_000

/** The next half hour that begins on the quarter. */
export function newDraft(roomId: string, now: number, zone: string): Draft {
  const start = Math.ceil(now / STEP_MS) * STEP_MS
  const common = { title: '', roomId, repeat: 'none', count: '5' } as const
  const date = dateIn(zone, start)
  if (dateIn(zone, start + DEFAULT_MS) !== date)
    return { ...common, date: addDays(date, 1), start: '09:00', end: '09:30' }
  return { ...common, date, start: timeIn(zone, start), end: timeIn(zone, start + DEFAULT_MS) }
}

/** What keeps the form from being sent, a sentence per field. The rest is the server's to judge. */
export function faultsOf({ title, date, start, end, repeat, count }: Draft, now: number, zone: string): Faults {
  const faults: Faults = {}
  if (title.trim() === '') faults.title = 'Give it a title.'
  else if (title.trim().length > MAX_TITLE) faults.title = `At most ${MAX_TITLE} characters.`
  if (date === '') faults.date = 'Choose a date.'
  else if (date < dateIn(zone, now)) faults.date = 'That day is over.'
  if (start === '') faults.start = 'Choose a start.'
  if (end === '') faults.end = 'Choose an end.'
  else if (start !== '' && end <= start) faults.end = 'The end must be after the start.'
  else if (date !== '' && !faults.date && instantIn(zone, date, end) <= now) faults.end = 'That time is over.'
  if (repeat !== 'none' && !(Number.isInteger(Number(count)) && Number(count) >= 2 && Number(count) <= MAX_COUNT)) {
    faults.count = `A whole number from 2 to ${MAX_COUNT}.`
  }
  return faults
}

/** The draft with another start: the meeting stays as long as it was, within the day. */
export function withStart(draft: Draft, start: string): Draft {
  const minutes = minutesOf(start) + minutesOf(draft.end) - minutesOf(draft.start)
  const keeps = start !== '' && draft.start !== '' && draft.end > draft.start && minutes < 24 * 60
  return { ...draft, start, end: keeps ? timeOf(minutes) : draft.end }
}

/** The body of POST /meetings. Wall clock goes out as wall clock: the server resolves it in the meeting's zone. */
export function bookingBody(draft: Draft, zone: string, onConflict: 'reject' | 'skip'): object {
  const { title, date, start, end, roomId, repeat, count } = draft
  return {
    title: title.trim(),
    startTime: { local: `${date}T${start}` },
    endTime: { local: `${date}T${end}` },
    timezone: zone,
    roomIds: [roomId],
    onConflict,
    ...(repeat !== 'none' && { recurrencePattern: { rrule: `FREQ=${repeat.toUpperCase()};COUNT=${Number(count)}` } }),
  }
}

/** The draft as a suggestion would have it. */
export function suggested(draft: Draft, { start, end, roomIds }: Suggestion, zone: string): Draft {
  const [from, until] = [Date.parse(start), Date.parse(end)]
  const roomId = roomIds[0] ?? draft.roomId
  return { ...draft, roomId, date: dateIn(zone, from), start: timeIn(zone, from), end: timeIn(zone, until) }
}

/** What the button of a suggestion says: `Book Oslo instead, same time`, `Book 30 minutes later, 14:30–15:00`. */
export function suggestionWords(draft: Draft, suggestion: Suggestion, rooms: readonly Room[], zone: string): string {
  const next = suggested(draft, suggestion, zone)
  const name = rooms.find((room) => room.id === next.roomId)?.name ?? 'another room'
  const day = next.date === draft.date ? '' : `${dayOf(next.date)} `
  const time = `${day}${next.start}–${next.end}`
  const laterMs = Date.parse(suggestion.start) - instantIn(zone, draft.date, draft.start)
  if (next.roomId === draft.roomId) {
    const isNear = laterMs !== 0 && Math.abs(laterMs) < 86_400_000
    return isNear
      ? `Book ${minutesWords(Math.abs(laterMs))} ${laterMs > 0 ? 'later' : 'earlier'}, ${time}`
      : `Book ${time}`
  }
  return laterMs === 0 ? `Book ${name} instead, same time` : `Book ${name}, ${time}`
}

/** What is said after a booking. */
export function bookedWords(draft: Draft, rooms: readonly Room[], warnings: readonly string[]): string {
  const name = rooms.find((room) => room.id === draft.roomId)?.name
  const where = name === undefined ? '' : `${name}, `
  const times = draft.repeat === 'none' ? '' : `, ${Number(draft.count) - warnings.length} times`
  return `Booked: ${draft.title.trim()}, ${where}${dayOf(draft.date)} ${draft.start}–${draft.end}${times}.`
}

function minutesWords(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours === 0) return `${rest} minutes`
  return rest === 0 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${hours} h ${rest} min`
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function timeOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
