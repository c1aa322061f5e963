import { ruleViolation } from '../../rooms/room.ts'
import { type Instant, MINUTE_MS, plus } from '../../time/instant.ts'
import { type Bits, WORD_MINUTES, erode, hasMinute, minuteOf } from '../bitmap.ts'
import { type Seating, leastHeads } from './seating.ts'
import type { Steps, Tally } from './steps.ts'
import type { RoomChoice, RoomWish, Wish } from './wish.ts'

/** Rooms that were chosen together, and how well they fit: 0 to 1. */
export interface RoomSet {
  rooms: readonly RoomChoice[]
  fit: number
}

/** Takes the starts of all occurrences and who has to sit; undefined: no rooms would do. */
export type ChooseRooms = (starts: readonly Instant[], seating: Pick<Seating, 'least' | 'most'>) => RoomSet | undefined

const NO_ROOMS: RoomSet = { rooms: [], fit: 1 }

/**
 * Who chooses for each candidate the best fitting rooms that can be booked for the whole of it: free with the buffers of both sides, and
 * within their rules, judged as a booking is. Rooms that seat everybody who can come go before those that do not, of which the largest is
 * the best.
 *
 * One room: the choices are put in that order once, and the first that is free is the best. Several rooms: those that are free are put
 * in order of seats, and of all runs of `count` neighbours the first that seats everybody is taken, else the last. Seats grow from run to
 * run and the last run is the largest rooms there are, so if any set would do, a run does.
 */
export function roomChooser(wish: Wish, tally: Tally): ChooseRooms {
  const { rooms } = wish
  if (rooms === null) return () => NO_ROOMS
  const { count } = rooms
  const fitting = fittingRooms(wish)
  const isFree = (room: RoomChoice, starts: readonly Instant[]) => isBookable(room, starts, wish, tally)
  const setOf = (chosen: readonly RoomChoice[], most: number): RoomSet => {
    return { rooms: chosen, fit: fitOf(chosen, rooms, Math.min(most, seatsIn(chosen))) }
  }

  if (count === 1) {
    const orders = new Map<number, readonly RoomChoice[]>()
    return (starts, { least, most }) => {
      if (!orders.has(most)) orders.set(most, inOrder(fitting, rooms, most))
      const found = orders.get(most)!.find((room) => room.capacity >= least && isFree(room, starts))
      return found && setOf([found], most)
    }
  }
  const bySeats = fitting.toSorted((a, b) => a.capacity - b.capacity || compareIds(a, b))
  return (starts, { least, most }) => {
    const free = bySeats.filter((room) => isFree(room, starts))
    for (let first = 0; first + count < free.length; first++) {
      const run = free.slice(first, first + count)
      if (seatsIn(run) >= most) return setOf(run, most)
    }
    const largest = free.slice(-count)
    return largest.length === count && seatsIn(largest) >= least ? setOf(largest, most) : undefined
  }
}

/** The best for so many people first. */
function inOrder(choices: readonly RoomChoice[], wish: RoomWish, heads: number): RoomChoice[] {
  return choices
    .map((room) => ({ room, seated: Math.min(room.capacity, heads), fit: fitOf([room], wish, heads) }))
    .toSorted((a, b) => b.seated - a.seated || b.fit - a.fit || compareIds(a.room, b.room))
    .map(({ room }) => room)
}

/** Works out beforehand what choosing asks of each room, room by room. */
export function* readyRooms(wish: Wish, tally: Tally): Steps<void> {
  for (const room of fittingRooms(wish)) {
    freeRun(room, wish)
    tally.add(Math.ceil(room.blocked.length / WORDS_PER_LOOK))
    yield* tally.pause()
  }
}

/** Bits are worked out word by word, several times over. */
const WORDS_PER_LOOK = 4

/** Those that are large enough, have the equipment and stand on the floor; whether they are free is another question. */
export function fittingRooms(wish: Wish): RoomChoice[] {
  const { rooms } = wish
  if (rooms === null) return []
  const least = rooms.count === 1 ? Math.max(leastHeads(wish), rooms.capacity) : rooms.capacity
  return rooms.choices.filter((room) => isFit(room, rooms, least))
}

export function seatsIn(rooms: readonly RoomChoice[]): number {
  return rooms.reduce((sum, { capacity }) => sum + capacity, 0)
}

function isFit(room: RoomChoice, { equipment, floorId }: RoomWish, least: number): boolean {
  if (room.capacity < least || (floorId !== null && room.floorId !== floorId)) return false
  return equipment.every((name) => room.equipment.includes(name))
}

/** The minutes at which the room is free for the whole duration. */
function freeRun(room: RoomChoice, { durationMinutes }: Wish): Bits {
  let ofRoom = runs.get(room)
  if (ofRoom === undefined) runs.set(room, (ofRoom = new Map()))
  let run = ofRoom.get(durationMinutes)
  if (run === undefined) {
    run = room.blocked.map((word) => ~word)
    erode(run, durationMinutes)
    ofRoom.set(durationMinutes, run)
  }
  return run
}

/** By duration: what is tried when nothing fits finds them done. As long as the room's time is: one question. */
const runs = new WeakMap<RoomChoice, Map<number, Bits>>()

function isBookable(room: RoomChoice, starts: readonly Instant[], wish: Wish, tally: Tally): boolean {
  const { now, durationMinutes, series } = wish
  const { bookingRules: rules } = room
  const run = freeRun(room, wish)
  const durationMs = durationMinutes * MINUTE_MS
  const origin = wish.rooms!.grid.firstWord * WORD_MINUTES
  const gapMs = durationMs + ((rules.bufferBeforeMinutes ?? 0) + (rules.bufferAfterMinutes ?? 0)) * MINUTE_MS
  const isRecurring = series !== null
  return starts.every((start, i) => {
    tally.add(1)
    if (!hasMinute(run, minuteOf(start) - origin)) return false
    // A series that meets itself in a room is refused.
    if (i > 0 && start - starts[i - 1]! < gapMs) return false
    return ruleViolation(rules, { start, end: plus(start, durationMs), now, isRecurring }) === undefined
  })
}

/** Of capacity, equipment and floor. */
const FIT_WEIGHTS = { seats: 0.7, equipment: 0.2, floor: 0.1 } as const

/** Seats that stay empty and equipment that nobody asked for are lost to others; rooms on several floors are a walk. */
function fitOf(rooms: readonly RoomChoice[], wish: RoomWish, heads: number): number {
  const needed = Math.max(heads, wish.capacity * rooms.length)
  const has = rooms.reduce((sum, { equipment }) => sum + equipment.length, 0)
  const seats = needed / Math.max(needed, seatsIn(rooms))
  const equipment = (wish.equipment.length * rooms.length + 1) / (has + 1)
  const floor = new Set(rooms.map(({ floorId }) => floorId)).size === 1 ? 1 : 0
  return seats * FIT_WEIGHTS.seats + Math.min(1, equipment) * FIT_WEIGHTS.equipment + floor * FIT_WEIGHTS.floor
}

function compareIds(a: RoomChoice, b: RoomChoice): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
