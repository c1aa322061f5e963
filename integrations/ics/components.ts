import { type ContentLine, contentLines } from './content-lines.ts'

/** A VEVENT or VTIMEZONE with the lines that are read of it. */
export interface Component {
  kind: 'vevent' | 'vtimezone'
  /** Where it begins in the file. */
  line: number
  lines: ContentLine[]
  /** It has an END of its own. */
  isClosed: boolean
}

export interface CalendarLine {
  kind: 'property'
  line: ContentLine
}

export interface FileEnd {
  kind: 'end'
  /** Every VCALENDAR that began has ended, and there was one. */
  isComplete: boolean
  isCalendar: boolean
}

/** A zone of a hundred years changes two hundred times, ten lines each; an event has a few exceptions in a line. */
const MAX_LINES = 5_000

/**
 * Walks through a file and gives its events and zones one by one, so that a file of any size is never held as a tree. Parts nested in
 * events (alarms) are skipped at any depth; what never ends, or ends twice, costs that event alone.
 */
export function* components(file: string): Generator<Component | CalendarLine | FileEnd, void, undefined> {
  let openCalendars = 0
  let isCalendar = false
  let current: Component | undefined
  /** Components inside `current` that are open. */
  let depth = 0
  for (const line of contentLines(file)) {
    const begun = markerOf(line.text, 'BEGIN:')
    const ended = begun === undefined ? markerOf(line.text, 'END:') : undefined
    if (begun === 'VEVENT' || (begun === 'VTIMEZONE' && current?.kind !== 'vevent') || begun === 'VCALENDAR') {
      if (current !== undefined) yield current
      current = undefined
      depth = 0
      if (begun === 'VCALENDAR') {
        openCalendars++
        isCalendar = true
      } else if (openCalendars > 0) {
        current = { kind: begun === 'VEVENT' ? 'vevent' : 'vtimezone', line: line.number, lines: [], isClosed: false }
      }
    } else if (ended === 'VCALENDAR') {
      openCalendars = Math.max(openCalendars - 1, 0)
    } else if (current !== undefined && ended === current.kind.toUpperCase()) {
      yield { ...current, isClosed: true }
      current = undefined
    } else if (current === undefined) {
      if (begun !== undefined) depth++
      else if (ended !== undefined) depth = Math.max(depth - 1, 0)
      else if (depth === 0 && openCalendars > 0) yield { kind: 'property', line }
    } else if (begun !== undefined) {
      depth++
      if (current.kind === 'vtimezone') keep(current, line)
    } else if (ended !== undefined) {
      depth = Math.max(depth - 1, 0)
      if (current.kind === 'vtimezone') keep(current, line)
    } else if (current.kind === 'vtimezone' || (depth === 0 && READ.test(line.text))) {
      keep(current, line)
    }
  }
  if (current !== undefined) yield current
  yield { kind: 'end', isComplete: isCalendar && openCalendars === 0, isCalendar }
}

function keep(component: Component, line: ContentLine): void {
  if (component.lines.length < MAX_LINES) component.lines.push(line)
}

/** The properties of an event that are read. */
const READ =
  /^(?:UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|SUMMARY|STATUS|TRANSP|SEQUENCE|X-MICROSOFT-CDO-BUSYSTATUS)\s*[;:]/i

function markerOf(text: string, marker: 'BEGIN:' | 'END:'): string | undefined {
  if (text.length > 64 || text.slice(0, marker.length).toUpperCase() !== marker) return undefined
  return text.slice(marker.length).trim().toUpperCase()
}
