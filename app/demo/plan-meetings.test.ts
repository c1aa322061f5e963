import { describe, expect, test } from 'vitest'
import { planSchedule } from '../../domain/meetings/plan-schedule.ts'
import { dayNumber, weekdayOf } from '../../domain/time/civil.ts'
import { type Instant, type Interval, DAY_MS, HOUR_MS, MINUTE_MS, instant } from '../../domain/time/instant.ts'
import type { PlannedMeeting } from './office.ts'
import { demoPeople } from './people.ts'
import { demoPlaces } from './places.ts'
import { planMeetings } from './plan-meetings.ts'
import { worksDuring } from './working-time.ts'

const people = demoPeople()
const { rooms } = demoPlaces()

// Weeks in which New York, Berlin, Sydney and Lord Howe change their clocks, and one in which nobody does.
describe.each([
  ['in autumn', dayNumber(2026, 11, 2)],
  ['in spring', dayNumber(2027, 3, 22)],
  ['in summer', dayNumber(2027, 7, 12)],
])('the six weeks around a Monday %s', (_, monday) => {
  const planned = planMeetings(people, rooms, monday)

  test('hold 1,500 meetings, a fifth of them recurring, all beginning in those weeks', () => {
    expect(weekdayOf(monday)).toBe(0)
    expect(planned).toHaveLength(1_500)
    expect(planned.filter(({ booking }) => booking.recurrence !== null)).toHaveLength(300)
    const starts = planned.map((meeting) => slotsOf(meeting)[0]!.start)
    expect(Math.min(...starts)).toBeGreaterThanOrEqual((monday - 22) * DAY_MS)
    expect(Math.max(...starts)).toBeLessThan((monday + 22) * DAY_MS)
  })

  test('put nobody into two meetings and no room to two uses at once, buffers included', () => {
    const spans = new Map<string, Interval[]>()
    for (const meeting of planned) {
      const slots = slotsOf(meeting)
      const people = [meeting.organizer.id, ...meeting.booking.participants.map(({ userId }) => userId!)]
      for (const id of people) spans.set(id, [...(spans.get(id) ?? []), ...slots])
      for (const id of meeting.booking.roomIds)
        spans.set(id, [...(spans.get(id) ?? []), ...slots.map((s) => blocked(id, s))])
    }
    for (const [id, taken] of spans) {
      const inOrder = taken.toSorted((a, b) => a.start - b.start)
      const clashes = inOrder.filter((span, i) => i > 0 && span.start < inOrder[i - 1]!.end)
      expect(clashes, id).toEqual([])
    }
  })

  test('keep to working hours, but for the watch and the all-hands meeting', () => {
    const ordinary = planned.filter(({ booking }) => !/^(Support watch|Company all-hands)$/.test(booking.title))
    for (const meeting of ordinary) {
      const [first] = slotsOf(meeting) as [Interval]
      const invited = meeting.booking.participants.map(({ userId }) => people.find(({ id }) => id === userId)!)
      const off = [meeting.organizer, ...invited].filter((person) => !worksDuring(person, first))
      expect(off, `${meeting.booking.title} ${first.start}`).toEqual([])
      expect(invited.length).toBeGreaterThan(0)
    }
  })
})

test('a room is in use at every hour of the week, and on a weekday morning several are', () => {
  const monday = dayNumber(2027, 7, 12)
  const inRooms = planMeetings(people, rooms, monday)
    .flatMap((meeting) => meeting.booking.roomIds.map((id) => ({ id, slots: slotsOf(meeting) })))
    .flatMap(({ id, slots }) => slots.map((slot) => ({ id, ...slot })))
  const usedAt = (at: number) => inRooms.filter(({ start, end }) => start <= at && at < end).length
  for (let hour = 0; hour < 7 * 24; hour++) expect(usedAt(monday * DAY_MS + hour * HOUR_MS)).toBeGreaterThan(0)
  for (let day = 0; day < 5; day++) {
    // 10:30 in Berlin, then in New York.
    expect(usedAt((monday + day) * DAY_MS + 8.5 * HOUR_MS)).toBeGreaterThan(1)
    expect(usedAt((monday + day) * DAY_MS + 14.5 * HOUR_MS)).toBeGreaterThan(1)
  }
})

test('the same Monday gives the same meetings, another one others', () => {
  const monday = dayNumber(2027, 7, 12)
  const planned = planMeetings(people, rooms, monday)
  expect(planMeetings(demoPeople(), demoPlaces().rooms, monday)).toEqual(planned)
  expect(planMeetings(people, rooms, monday + 7)).not.toEqual(planned)
})

function slotsOf({ booking }: PlannedMeeting): Interval[] {
  const schedule = planSchedule(booking, instant(0))
  if (!schedule.ok) throw new Error(`${booking.title}: ${schedule.error.detail}`)
  return schedule.value.slots
}

function blocked(roomId: string, { start, end }: Interval): Interval {
  const { bufferBeforeMinutes = 0, bufferAfterMinutes = 0 } = rooms.find(({ id }) => id === roomId)!.bookingRules
  return {
    start: (start - bufferBeforeMinutes * MINUTE_MS) as Instant,
    end: (end + bufferAfterMinutes * MINUTE_MS) as Instant,
  }
}
