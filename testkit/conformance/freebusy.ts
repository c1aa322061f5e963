import { gridOver, remove } from '../../domain/availability/bitmap.ts'
import { type Attendee, startsForAll, startsForQuorum } from '../../domain/availability/free-starts.ts'
import { blockedBits } from '../../domain/availability/person-time.ts'
import { workBits } from '../../domain/availability/work-time.ts'
import type { WorkingHours } from '../../domain/people/user.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { instantOf, wholeMinutes, zoneNamed } from './read-case.ts'

interface FreeBusyCase {
  id: string
  window: [string, string]
  duration_min: number
  granularity_min: number
  quorum?: number | null
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
export function answerFreeBusy(given: FreeBusyCase): object {
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
  const wanted = {
    window,
    durationMinutes: wholeMinutes(given.duration_min, 1),
    granularityMinutes: wholeMinutes(given.granularity_min, 1),
  }
  const { quorum = null } = given
  if (quorum === null) return { id: given.id, starts: startsForAll(attendees, grid, wanted).map(formatInstant) }
  const starts = startsForQuorum(attendees, grid, wanted, quorum)
  return {
    id: given.id,
    starts: starts.map(({ start }) => formatInstant(start)),
    attendance: Object.fromEntries(starts.map(({ start, attending }) => [formatInstant(start), attending])),
  }
}
