import type { BookMeeting } from '../../domain/meetings/book-meeting.ts'
import { planSchedule } from '../../domain/meetings/plan-schedule.ts'
import { type Instant, type Interval, MINUTE_MS } from '../../domain/time/instant.ts'
import { localTimeOf } from '../../domain/time/local-time.ts'
import { type Diary, createDiary, widened } from './diary.ts'
import type { DemoPerson } from './people.ts'
import type { DemoRoom } from './places.ts'

/** One booking of the demo and who makes it. */
export interface PlannedMeeting {
  organizer: DemoPerson
  booking: BookMeeting
}

/** A wall clock: milliseconds as `wallMs` counts them, in a zone. */
export interface When {
  wall: number
  timezone: string
  minutes: number
  rrule: string | null
}

/** What a meeting is about, once time, people and rooms are found. */
export type Topic = Pick<BookMeeting, 'title' | 'description' | 'status' | 'visibility'>

/** The people and rooms of the demo and what they have been given so far. No I/O. */
export class Office {
  readonly people: readonly DemoPerson[]
  readonly rooms: readonly DemoRoom[]
  readonly #diary: Diary = createDiary()
  readonly #planned: PlannedMeeting[] = []

  constructor(people: readonly DemoPerson[], rooms: readonly DemoRoom[]) {
    this.people = people
    this.rooms = rooms
  }

  get planned(): readonly PlannedMeeting[] {
    return this.#planned
  }

  /** Every span a meeting at that time would take, as its booking will find them. */
  spansOf(when: When): Interval[] {
    const schedule = planSchedule(scheduleOf(when), when.wall as Instant)
    if (!schedule.ok) throw new Error(`the demo asks for a time that is refused: ${schedule.error.detail}`)
    return schedule.value.slots
  }

  isFree(person: DemoPerson, spans: readonly Interval[]): boolean {
    return this.#diary.isFree(person.id, spans)
  }

  /** Whether the room can be had for all the spans, its rules included. */
  isOpen(room: DemoRoom, spans: readonly Interval[]): boolean {
    const { maxDurationMinutes = Infinity } = room.bookingRules
    if (spans.some((span) => span.end - span.start > maxDurationMinutes * MINUTE_MS)) return false
    return this.#diary.isFree(room.id, blocked(room, spans))
  }

  /** Notes the meeting and takes its people's and rooms' time. */
  add(
    meeting: { organizer: DemoPerson; others: readonly DemoPerson[]; rooms: readonly DemoRoom[]; when: When },
    topic: Topic,
    isOptional: (person: DemoPerson) => boolean,
  ): void {
    const { organizer, others, rooms, when } = meeting
    const spans = this.spansOf(when)
    for (const person of [organizer, ...others]) this.#diary.take(person.id, spans)
    for (const room of rooms) this.#diary.take(room.id, blocked(room, spans))
    this.#planned.push({
      organizer,
      booking: {
        ...scheduleOf(when),
        ...topic,
        participants: others.map((other) => ({ userId: other.id, role: isOptional(other) ? 'optional' : 'required' })),
        roomIds: rooms.map((room) => room.id),
        onConflict: 'reject',
        metadata: {},
      },
    })
  }
}

function scheduleOf({ wall, timezone, minutes, rrule }: When) {
  return {
    start: { local: localTimeOf(wall) },
    end: { local: localTimeOf(wall + minutes * MINUTE_MS) },
    timezone,
    recurrence: rrule === null ? null : { rrule },
  }
}

function blocked({ bookingRules }: DemoRoom, spans: readonly Interval[]): Interval[] {
  return widened(spans, bookingRules.bufferBeforeMinutes, bookingRules.bufferAfterMinutes)
}
