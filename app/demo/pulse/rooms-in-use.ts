import { randomUUID } from 'node:crypto'
import { HOUR_MS, MINUTE_MS } from '../../../domain/time/instant.ts'
import type { RoomStateView } from '../../../domain/rooms/room-state.ts'
import { happens, mood, oneOf } from './chance.ts'
import type { Colleague } from './colleague.ts'

/** Who does not come to a meeting he booked, in percent of the meetings. */
const NO_SHOWS = 20
const LEAVES_EARLY = 15
const ASKS_FOR_MORE = 10
/** There is always a room for somebody who comes to try: beyond this share nobody books for the next half hour. */
const MOST_IN_USE = 0.45
/** An office that looks deserted fills up by people who walk in. */
const FEW_IN_USE = 0.2
/** Halls are for occasions. */
const MAX_SEATS = 16
const TITLES = [
  'Quick sync',
  'Design huddle',
  'Interview',
  'Customer call',
  'Pairing',
  'Budget check',
  'Stand-up',
  'Retro',
]

/** The people in and around the rooms: they come, stay away, stay longer, leave early, and book what is free. */
export class RoomsInUse {
  readonly #facilities: Colleague
  readonly #staff: readonly Colleague[]
  #roomIds: string[] = []
  /** Where the pulse books: not in halls. */
  #bookable = new Set<string>()

  /** `facilities` may use every room and speaks for the sensors. */
  constructor(facilities: Colleague, staff: readonly Colleague[]) {
    this.#facilities = facilities
    this.#staff = staff
  }

  /** Looks into one room and does what people there would. Answers what happened, in a few words. */
  async visit(): Promise<string | undefined> {
    if (this.#roomIds.length === 0) await this.#findRooms()
    const roomId = oneOf(this.#roomIds)
    const { status, body } = await this.#facilities.call('GET', `/rooms/${roomId}/state`)
    if (status !== 200) return undefined
    const state = body as RoomStateView
    switch (state.status) {
      case 'free':
        return this.#passBy(roomId, state)
      case 'reserved':
        return this.#arrive(roomId, state)
      case 'checked_in':
        return this.#meet(roomId, state)
      case 'overrun':
        return this.#sense(roomId, false)
      case 'held':
      case 'blocked':
      case 'unknown':
        return undefined
      default:
        return state.status satisfies never
    }
  }

  async #findRooms(): Promise<void> {
    const { body } = await this.#facilities.call('GET', '/rooms?limit=500')
    const rooms = (body.items as Listed[]).filter(({ isActive }) => isActive)
    this.#roomIds = rooms.map(({ id }) => id)
    this.#bookable = new Set(rooms.filter(({ capacity }) => capacity <= MAX_SEATS).map(({ id }) => id))
  }

  async #passBy(roomId: string, { next, occupancy }: RoomStateView): Promise<string | undefined> {
    if (occupancy?.present === true) return this.#sense(roomId, false)
    const freeMs = next === null ? Infinity : Date.parse(next.start) - Date.now()
    if (freeMs < 45 * MINUTE_MS || !this.#bookable.has(roomId) || !happens(0.6)) return undefined
    const somebody = oneOf(this.#staff)
    // For later today: what people move and cancel.
    if (happens(0.2)) return this.#book(somebody, roomId, oneOf([60, 90, 120, 150]), oneOf([30, 45, 60]))
    const inUse = await this.#shareInUse()
    if (inUse > MOST_IN_USE) return undefined
    if (happens(inUse < FEW_IN_USE ? 0.7 : 0.25)) {
      const taken = await somebody.call('POST', `/rooms/${roomId}/walkup`, { minutes: oneOf([10, 15, 20, 30]) })
      if (taken.status < 300) await this.#sense(roomId, true)
      return outcome('walk-up', taken)
    }
    return this.#book(somebody, roomId, oneOf([3, 5, 10, 15]), oneOf([15, 15, 30]))
  }

  /** Times are minutes, from now and long; meetings begin on the minute. */
  async #book(somebody: Colleague, roomId: string, from: number, minutes: number): Promise<string | undefined> {
    const start = Math.ceil(Date.now() / MINUTE_MS + from) * MINUTE_MS
    const end = start + minutes * MINUTE_MS
    const times = { startTime: new Date(start).toISOString(), endTime: new Date(end).toISOString(), timezone: 'UTC' }
    const visibility = happens(0.15) ? 'busy_only' : 'organization'
    const meeting = { title: oneOf(TITLES), visibility, ...times }
    return outcome('booked', await somebody.call('POST', `/rooms/${roomId}/book`, meeting))
  }

  async #arrive(roomId: string, { current, next }: RoomStateView): Promise<string | undefined> {
    const booking = current ?? next
    if (booking === null || booking.checkIn !== 'open' || mood(booking.allocationId) < NO_SHOWS) return undefined
    await this.#sense(roomId, true)
    return outcome('checked in', await this.#facilities.call('POST', `/rooms/${roomId}/checkin`, {}))
  }

  async #meet(roomId: string, { current }: RoomStateView): Promise<string | undefined> {
    if (current === null) return undefined
    const leftMs = Date.parse(current.end) - Date.now()
    const mind = mood(current.meetingId)
    if (leftMs < 10 * MINUTE_MS && mind < LEAVES_EARLY) {
      await this.#sense(roomId, false)
      return outcome('left early', await this.#facilities.call('POST', `/rooms/${roomId}/end`, {}))
    }
    if (leftMs < 3 * MINUTE_MS && mind > 100 - ASKS_FOR_MORE) {
      return outcome('extended', await this.#facilities.call('POST', `/rooms/${roomId}/extend`, { minutes: 15 }))
    }
    return this.#sense(roomId, true)
  }

  /** Of all rooms, which share cannot be had for the next half hour. */
  async #shareInUse(): Promise<number> {
    const span = `startTime=${new Date().toISOString()}&endTime=${new Date(Date.now() + HOUR_MS / 2).toISOString()}`
    const { status, body } = await this.#facilities.call('GET', `/rooms/available?${span}`)
    return status === 200 ? 1 - (body.items as unknown[]).length / this.#roomIds.length : 1
  }

  async #sense(roomId: string, present: boolean): Promise<string | undefined> {
    const count = present ? oneOf([1, 2, 3, 4, 6]) : 0
    const sample = { id: randomUUID(), roomId, at: new Date().toISOString(), present, count }
    return outcome(
      present ? 'occupied' : 'empty',
      await this.#facilities.call('POST', '/occupancy', { samples: [sample] }),
    )
  }
}

interface Listed {
  id: string
  capacity: number
  isActive: boolean
}

function outcome(what: string, { status }: { status: number }): string {
  return status < 300 ? what : `${what}: refused`
}
