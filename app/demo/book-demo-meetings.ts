import { createMeetingsStore } from '../../db/meetings/meetings-tx.ts'
import { isUniqueViolation } from '../../db/unique-violation.ts'
import { bookMeeting } from '../../domain/meetings/book-meeting.ts'
import { weekdayOf } from '../../domain/time/civil.ts'
import { DAY_MS } from '../../domain/time/instant.ts'
import { demoId, demoIds } from './demo-ids.ts'
import { type DemoLoad, forEach } from './loading.ts'
import { existingIds } from './existing-ids.ts'
import type { DemoPerson } from './people.ts'
import { planMeetings } from './plan-meetings.ts'
import type { DemoRoom } from './places.ts'

export interface DemoMeetings {
  booked: number
  /** Not an error: rooms may be changed while a load that was broken off waits to be finished. */
  refused: number
}

/** Books what is missing of the six weeks around the day the organisation was founded. */
export async function bookDemoMeetings(
  load: DemoLoad,
  people: readonly DemoPerson[],
  rooms: readonly DemoRoom[],
): Promise<DemoMeetings> {
  const { now, newId, tzVersion, onNews, onProgress, foundedAt } = load
  const today = Math.floor(foundedAt / DAY_MS)
  const planned = planMeetings(people, rooms, today - weekdayOf(today)).map((meeting, n) => ({ ...meeting, n }))
  const existing = await existingIds(load, 'meeting')
  const missing = planned.filter(({ n }) => !existing.has(demoId('meeting', n)))
  const store = createMeetingsStore(load.pool, { newId }, onNews)
  const meetings: DemoMeetings = { booked: 0, refused: 0 }
  let done = planned.length - missing.length
  await forEach(missing, async ({ n, organizer, booking }) => {
    // Its ids are known, the meeting's own first: a transaction of a killed process that still commits is not doubled.
    const deps = { ...store, now, tzVersion, newId: demoIds('meeting', n) }
    try {
      const result = await bookMeeting(deps, load.actorOf(organizer), booking)
      if (result.ok) meetings.booked++
      else {
        meetings.refused++
        load.log.warn({ event: 'demo.meeting_refused', n, code: result.error.code })
      }
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
    onProgress?.(++done, planned.length)
  })
  return meetings
}
