import type { Meeting, Problem } from '../client/contract.ts'
import { daysWords, whenWords } from '../client/when-words.ts'
import { dateIn, timeIn } from '../client/zone.ts'
import type { Span } from './day-axis.ts'
import type { CalendarEntry, Scope } from './shapes.ts'
import { spanOf } from './subjects.ts'

/** One occurrence, or a single meeting. */
export interface Chosen extends Span {
  meetingId: string
  recurrenceId: string
}

/** undefined: the viewer may not know what it is. */
export function chosenOf({ meetingId, recurrenceId, start, end }: CalendarEntry): Chosen | undefined {
  if (meetingId === undefined || recurrenceId === undefined) return undefined
  return { meetingId, recurrenceId, ...spanOf({ start, end }) }
}

/** When it is by what was read of it last; its entry in the calendar may be older, or already newer. */
export function standingAt(chosen: Chosen, { startTime, endTime }: Pick<Meeting, 'startTime' | 'endTime'>): Chosen {
  return { ...chosen, ...spanOf({ start: startTime, end: endTime }) }
}

/** Where a change or a cancellation goes. A single meeting takes no scope. */
export function pathOf({ meetingId, recurrenceId }: Chosen, scope: Scope | undefined): string {
  if (scope === undefined || scope === 'all') return `/meetings/${meetingId}`
  return `/meetings/${meetingId}?scope=${scope}&recurrenceId=${recurrenceId}`
}

/**
 * The times of a PATCH that moves the occurrence to `to`. For one or the following ones they are its own; for all of them those of
 * the series' first instance, moved by as much on its own wall clock: the server adds days and clock changes.
 */
export function timesFor(series: Meeting, chosen: Chosen, to: Span, scope: Scope | undefined): object {
  if (scope !== 'all') return { startTime: iso(to.start), endTime: iso(to.end) }
  const { timezone } = series
  const [from, until] = [Date.parse(series.startTime), Date.parse(series.endTime)]
  const move = (at: number, before: number, after: number) => ({
    local: localOf(wallOf(timezone, at) + wallOf(timezone, after) - wallOf(timezone, before)),
  })
  const startTime = move(from, chosen.start, to.start)
  if (to.end - to.start === chosen.end - chosen.start) return { startTime }
  return { startTime, endTime: move(until, chosen.end, to.end) }
}

/** What is said when somebody else was quicker: how it is, as far as one sentence can say it. */
export function staleWords({ current }: Problem, zone: string): string {
  const said = 'Somebody has just changed this meeting, so nothing was saved.'
  const meeting = current as Meeting | undefined
  if (meeting === undefined || meeting.isRecurring) return `${said} It is shown as it is by now.`
  const span = spanOf({ start: meeting.startTime, end: meeting.endTime })
  const when = meeting.allDay ? daysWords(span, meeting.timezone) : whenWords(span, zone)
  return `${said} ${meeting.status === 'cancelled' ? 'It is cancelled.' : `By now it is ${when}.`}`
}

/** A hint for the page only: the server judges every change. */
export function mayChange({ organizer, status }: Meeting, { id, role }: { id: string; role: string }): boolean {
  return status !== 'cancelled' && (organizer?.id === id || ['owner', 'admin'].includes(role))
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

/** The wall clock, read as if it were UTC. */
function wallOf(zone: string, at: number): number {
  return Date.parse(`${dateIn(zone, at)}T${timeIn(zone, at)}Z`)
}

function localOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16)
}
