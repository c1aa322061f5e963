import { DAY_MS, type Instant, plus } from '../../time/instant.ts'
import { formatInstant } from '../../time/iso.ts'
import { countMinutes } from '../bitmap.ts'
import type { Obstacles } from './blocking.ts'
import { fitsOf, tableOf } from './candidates.ts'
import { count } from './reasons.ts'
import { type Guest, type RoomWish, type Wish, headsOf } from './wish.ts'

/** One thing that could be asked otherwise; what it changes is in the fields beside its kind. */
export type Change =
  | { kind: 'without_person'; userId: string }
  | { kind: 'smaller_group'; group: number; kOf: number }
  | { kind: 'shorter'; durationMinutes: number }
  | { kind: 'wider_window'; to: Instant }
  | { kind: 'outside_working_hours' }
  | { kind: 'smaller_room'; capacity: number }
  | { kind: 'without_equipment'; equipment: string }
  | { kind: 'any_floor' | 'without_room' }

/** What would be found then, as a number and in a sentence. */
export interface Relaxation {
  change: Change
  slots: number
  sentence: string
}

/** Ways of one kind that are named: more of them help nobody to choose. */
const MAX_OF_A_KIND = 3
/** People that are left out one by one to count what that gives. */
const MAX_PEOPLE_TRIED = 20
const SHORTER_STEP_MINUTES = 15
export const MAX_WIDER_DAYS = 7

/**
 * What helps, the smallest change first: without one person, with fewer of a group, shorter, within the next days, outside working hours,
 * with less of a room. Each way is one change alone, and each count is that of the same search with that change made; a way that gives
 * nothing is not named. The wish's time is known for `MAX_WIDER_DAYS` beyond its window.
 */
export function relaxationsOf(wish: Wish, found: Obstacles): Relaxation[] {
  return [
    ...fewerPeople(wish, found),
    ...smallerGroups(wish),
    ...shorter(wish),
    ...wider(wish),
    ...outsideHours(wish),
    ...lessRoom(wish),
  ]
}

function slotsOf(wish: Wish): number {
  return fitsOf(tableOf(wish)).length
}

/** The way in a list, or an empty one. */
function ifHelps(change: Change, words: string, wish: Wish): Relaxation[] {
  const slots = slotsOf(wish)
  return slots === 0 ? [] : [{ change, slots, sentence: `${words}: ${count(slots, 'slot', 'slots')}.` }]
}

/**
 * An optional person hinders by the seat he takes only. A required one is worth a try only where he and the rooms (one head less may find
 * one) are all that is in the way; those who are that most often are tried.
 */
function fewerPeople(wish: Wish, { starts, obstacles }: Obstacles): Relaxation[] {
  const lonely = new Map<Guest, number>()
  const rooms = obstacles.find(({ kind }) => kind === 'rooms')
  for (let i = 0; i < starts.length; i++) {
    const inTheWay = obstacles.filter((obstacle) => obstacle !== rooms && hasBit(obstacle.of, i))
    const guest = inTheWay.length === 1 ? inTheWay[0]!.seat?.guest : undefined
    if (guest !== undefined) lonely.set(guest, (lonely.get(guest) ?? 0) + 1)
  }
  const isFull = rooms !== undefined && countMinutes(rooms.of) > 0
  const tried = [
    ...(isFull ? byId(wish.optional) : []),
    ...[...lonely].toSorted(([a, n], [b, m]) => m - n || (a.id < b.id ? -1 : 1)).map(([guest]) => guest),
  ].slice(0, MAX_PEOPLE_TRIED)
  const optional = new Set(wish.optional)
  return tried
    .flatMap((guest) => {
      const isOptional = optional.has(guest) && !wish.required.includes(guest)
      const words = `Without ${isOptional ? 'optional ' : ''}${guest.name}`
      return ifHelps({ kind: 'without_person', userId: guest.id }, words, without(wish, guest))
    })
    .slice(0, MAX_OF_A_KIND)
}

function without(wish: Wish, guest: Guest): Wish {
  const others = (guests: readonly Guest[]) => guests.filter(({ id }) => id !== guest.id)
  return { ...wish, required: others(wish.required), optional: others(wish.optional) }
}

function smallerGroups(wish: Wish): Relaxation[] {
  return wish.quorums.flatMap(({ k, members }, group) => {
    const quorums = wish.quorums.map((quorum, i) => (i === group ? { members, k: k - 1 } : quorum))
    const words = `With ${k - 1} instead of ${k} of the ${members.length} people of a group`
    return ifHelps({ kind: 'smaller_group', group, kOf: k - 1 }, words, { ...wish, quorums })
  })
}

/** What fits for an hour fits for half of it, so the longest that fits is found by halving. */
function shorter(wish: Wish): Relaxation[] {
  const minutesOf = (steps: number) => steps * SHORTER_STEP_MINUTES
  let low = 0
  let high = Math.ceil(wish.durationMinutes / SHORTER_STEP_MINUTES)
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (slotsOf({ ...wish, durationMinutes: minutesOf(middle) }) > 0) low = middle
    else high = middle
  }
  if (low === 0) return []
  const durationMinutes = minutesOf(low)
  const words = `${durationMinutes} instead of ${count(wish.durationMinutes, 'minute', 'minutes')}`
  return ifHelps({ kind: 'shorter', durationMinutes }, words, { ...wish, durationMinutes })
}

/** Up to the end of the first day beyond the window that gives any. */
function wider(wish: Wish): Relaxation[] {
  for (let days = 1; days <= MAX_WIDER_DAYS; days++) {
    const to = plus(wish.window.end, days * DAY_MS)
    const words = `${count(days, 'day', 'days')} later, until ${formatInstant(to)}`
    const helps = ifHelps({ kind: 'wider_window', to }, words, { ...wish, window: { ...wish.window, end: to } })
    if (helps.length > 0) return helps
  }
  return []
}

function outsideHours(wish: Wish): Relaxation[] {
  const always = new Map<Guest, Guest>()
  const anyTime = (guests: readonly Guest[]) =>
    guests.map((guest) => {
      const awake = always.get(guest) ?? { ...guest, work: guest.work.map(() => -1) }
      always.set(guest, awake)
      return awake
    })
  const quorums = wish.quorums.map(({ k, members }) => ({ k, members: anyTime(members) }))
  const relaxed = { ...wish, required: anyTime(wish.required), optional: anyTime(wish.optional), quorums }
  return ifHelps({ kind: 'outside_working_hours' }, 'Outside of working hours', relaxed)
}

/** Never fewer seats than people: that would be refused. */
function lessRoom(wish: Wish): Relaxation[] {
  const { rooms } = wish
  if (rooms === null) return []
  const having = (less: Partial<RoomWish>): Wish => ({ ...wish, rooms: { ...rooms, ...less } })
  const heads = rooms.count === 1 ? headsOf(wish) : 1
  const sizes = [...new Set(rooms.choices.map(({ capacity }) => capacity))]
    .filter((capacity) => capacity >= heads && capacity < rooms.capacity)
    .toSorted((a, b) => b - a)
  const capacity = sizes.find((size) => slotsOf(having({ capacity: size })) > 0)
  return [
    ...(capacity === undefined
      ? []
      : ifHelps({ kind: 'smaller_room', capacity }, `In a room for ${capacity}`, having({ capacity }))),
    ...rooms.equipment
      .flatMap((equipment) => {
        const less = having({ equipment: rooms.equipment.filter((name) => name !== equipment) })
        return ifHelps({ kind: 'without_equipment', equipment }, `Without ${equipment}`, less)
      })
      .slice(0, MAX_OF_A_KIND),
    ...(rooms.floorId === null ? [] : ifHelps({ kind: 'any_floor' }, 'On any floor', having({ floorId: null }))),
    ...ifHelps({ kind: 'without_room' }, 'Without a room', { ...wish, rooms: null }),
  ]
}

function byId(guests: readonly Guest[]): Guest[] {
  return guests.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function hasBit(bits: Int32Array, i: number): boolean {
  return ((bits[i >>> 5] ?? 0) & (1 << (i & 31))) !== 0
}
