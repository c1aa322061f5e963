import { gridOver, remove } from '../../domain/availability/bitmap.ts'
import { type Attendee, startsForAll, startsForQuorum } from '../../domain/availability/free-starts.ts'
import { blockedBits } from '../../domain/availability/person-time.ts'
import { workBits } from '../../domain/availability/work-time.ts'
import type { WorkingHours } from '../../domain/people/user.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { instantOf, zoneNamed } from './read-case.ts'

interface FreeBusyCase {
  id: string
  window: [string, string]
  duration_min: number
  granularity_min: number
  quorum: number | null
  participants: {
    id: string
    tzid: string
    required: boolean
    working_hours: WorkingHours
    busy: [string, string][]
    buffer_before_min: number
    buffer_after_min: number
  }[]
}

/** `{ id, starts: [instants] }`, and who attends each start where a quorum is asked for. */
export function answerFreeBusy(line: string): object {
  const given = JSON.parse(line) as FreeBusyCase
  const window = { start: instantOf(given.window[0]), end: instantOf(given.window[1]) }
  const grid = gridOver(window)
  const attendees = given.participants.map((person): Attendee => {
    const zone = zoneNamed(person.tzid)
    const free = workBits(grid, { zone, weekly: person.working_hours })
    const rules = { bufferBeforeMinutes: person.buffer_before_min, bufferAfterMinutes: person.buffer_after_min }
    const meetings = person.busy.flat().map(instantOf)
    remove(free, blockedBits(grid, { zone, rules, meetings, external: [], absences: [] }))
    return { id: person.id, required: person.required, free }
  })
  const wanted = { window, durationMinutes: given.duration_min, granularityMinutes: given.granularity_min }
  if (given.quorum === null) return { id: given.id, starts: startsForAll(attendees, grid, wanted).map(formatInstant) }
  const starts = startsForQuorum(attendees, grid, wanted, given.quorum)
  return {
    id: given.id,
    starts: starts.map(({ start }) => formatInstant(start)),
    attendance: Object.fromEntries(starts.map(({ start, attending }) => [formatInstant(start), attending])),
  }
}
