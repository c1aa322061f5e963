import { DAY_MS, type Instant, plus } from '../../time/instant.ts'
import { countMinutes, hasMinute } from '../bitmap.ts'
import type { Obstacles } from './blocking.ts'
import { fitsOf, tableOf, tooLarge } from './candidates.ts'
import { count, namesOf } from './reasons.ts'
import type { Seat } from './seat.ts'
import { leastHeads } from './seating.ts'
import type { Steps } from './steps.ts'
import type { Guest, RoomWish, Wish } from './wish.ts'

/** One thing that could be asked otherwise; what it changes is in the fields beside its kind. */
export type Change =
  | { kind: 'without_person'; userId: string }
  | { kind: 'without_people'; userIds: string[] }
  | { kind: 'smaller_group'; group: number; kOf: number }
  | { kind: 'without_group'; group: number }
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
/** People, or groups of them, that are left out in turn to count what that gives. */
const MAX_PEOPLE_TRIED = 20
/** A meeting without more of those it needs is another meeting. */
const MAX_LEFT_OUT = 5
const SHORTER_STEP_MINUTES = 15
export const MAX_WIDER_DAYS = 7
/** All searches together: half a second of work at most. Each kind has its share, and what those before it have left of theirs. */
const MAX_LOOKS = 8_000_000

/**
 * What helps, the smallest change first: without one person, with fewer of a group, shorter, within the next days, outside working hours,
 * with less of a room. Each way is one change alone, and each count is that of the same search with that change made; a way that gives
 * nothing is not named, nor is one that the looks do not suffice for (they are counted, not timed: the answer is always the same). The
 * wish's time is known for `MAX_WIDER_DAYS` beyond its window.
 */
export function* relaxationsOf(wish: Wish, found: Obstacles): Steps<Relaxation[]> {
  const kinds = [fewerPeople, smallerGroups, shorter, wider, outsideHours, lessRoom]
  const ways: Relaxation[] = []
  let left = MAX_LOOKS
  for (const [i, kind] of kinds.entries()) {
    const trials = new Trials(left / (kinds.length - i))
    ways.push(...(yield* kind(wish, trials, found)))
    left -= trials.looks
  }
  return ways
}

/** Searches of one kind. Invariant: each is counted whole or not at all. */
class Trials {
  readonly #most: number
  looks = 0

  constructor(most: number) {
    this.#most = most
  }

  /** How many slots there would be; 0 also when the looks do not suffice. */
  *slotsOf(wish: Wish): Steps<number> {
    const search = fitsOf(tableOf(wish))
    while (this.looks < this.#most) {
      const step = search.next()
      if (step.done === true) return step.value.length
      this.looks += step.value
      yield step.value
    }
    return 0
  }

  /** The way in a list, or an empty one. */
  *ifHelps(change: Change, words: string, wish: Wish): Steps<Relaxation[]> {
    const slots = yield* this.slotsOf(wish)
    return slots === 0 ? [] : [{ change, slots, sentence: `${words}: ${count(slots, 'slot', 'slots')}.` }]
  }
}

/**
 * An optional person hinders by the seat he takes only. A required one is worth a try only where he and the rooms (one head less may find
 * one) are all that is in the way; those who are that most often are tried. Where nobody alone helps, the fewest who do together.
 */
function* fewerPeople(wish: Wish, trials: Trials, found: Obstacles): Steps<Relaxation[]> {
  const { obstacles } = found
  const rooms = obstacles.find(({ kind }) => kind === 'rooms')
  const isFull = rooms !== undefined && countMinutes(rooms.of) > 0
  const lonely = lonelyGuests(obstacles.filter((obstacle) => obstacle !== rooms))
  const tried = [...(isFull ? byId(wish.optional) : []), ...lonely].slice(0, MAX_PEOPLE_TRIED)
  const optional = new Set(wish.optional)
  const ways: Relaxation[] = []
  for (const guest of tried) {
    if (ways.length === MAX_OF_A_KIND) break
    const isOptional = optional.has(guest) && !wish.required.includes(guest)
    const words = `Without ${isOptional ? 'optional ' : ''}${guest.name}`
    ways.push(...(yield* trials.ifHelps({ kind: 'without_person', userId: guest.id }, words, without(wish, [guest]))))
  }
  if (ways.length > 0) return ways
  for (const seats of fewestTogether(found).slice(0, MAX_PEOPLE_TRIED)) {
    const change = { kind: 'without_people' as const, userIds: seats.map(({ guest }) => guest.id) }
    const left = without(
      wish,
      seats.map(({ guest }) => guest),
    )
    const helps = yield* trials.ifHelps(change, `Without ${namesOf(seats)}`, left)
    if (helps.length > 0) return helps
  }
  return []
}

/** Sets of two and more who are all that is in the way of a start, but for the rooms: the smallest first, then those of most starts. */
function fewestTogether({ starts, obstacles }: Obstacles): Seat[][] {
  const sets = new Map<string, { seats: Seat[]; times: number }>()
  const groups = obstacles.filter(({ kind }) => kind === 'group')
  const people = obstacles.filter(({ kind }) => kind === 'person')
  for (let i = 0; i < starts.length; i++) {
    if (groups.some(({ of }) => hasMinute(of, i))) continue
    const seats = people.flatMap(({ seat, of }) => (hasMinute(of, i) ? seat! : []))
    if (seats.length < 2 || seats.length > MAX_LEFT_OUT) continue
    const key = seats.map(({ guest }) => guest.id).join()
    const times = (sets.get(key)?.times ?? 0) + 1
    sets.set(key, { seats, times })
  }
  return [...sets]
    .toSorted(([a, one], [b, other]) => {
      return one.seats.length - other.seats.length || other.times - one.times || (a < b ? -1 : 1)
    })
    .map(([, { seats }]) => seats)
}

/** Those who are alone in the way of some start, of most starts first. */
function lonelyGuests(obstacles: Obstacles['obstacles']): Guest[] {
  // Whoever else is in the way there is in `crowded`: in the way of two or more.
  const [once, crowded] = [bitsLike(obstacles), bitsLike(obstacles)]
  for (const { of } of obstacles) {
    for (let word = 0; word < of.length; word++) {
      crowded[word]! |= once[word]! & of[word]!
      once[word]! |= of[word]!
    }
  }
  return obstacles
    .flatMap(({ seat, of }) => {
      const alone = countMinutes(of.map((word, i) => word & ~crowded[i]!))
      return seat === undefined || alone === 0 ? [] : [{ guest: seat.guest, alone }]
    })
    .toSorted((a, b) => b.alone - a.alone || (a.guest.id < b.guest.id ? -1 : 1))
    .map(({ guest }) => guest)
}

function bitsLike([first]: Obstacles['obstacles']): Int32Array {
  return new Int32Array(first?.of.length ?? 0)
}

function without(wish: Wish, left: readonly Guest[]): Wish {
  const others = (guests: readonly Guest[]) => guests.filter((guest) => !left.includes(guest))
  return { ...wish, required: others(wish.required), optional: others(wish.optional) }
}

/** With one less of a group; without the group where that would be nobody. */
function* smallerGroups(wish: Wish, trials: Trials): Steps<Relaxation[]> {
  const ways: Relaxation[] = []
  for (const quorum of wish.quorums) {
    const { group, members } = quorum
    const kOf = quorum.k - 1
    const people = count(members.length, 'person', 'people')
    if (kOf < 1) {
      const left = { ...wish, quorums: wish.quorums.filter((one) => one !== quorum) }
      ways.push(...(yield* trials.ifHelps({ kind: 'without_group', group }, `Without a group of ${people}`, left)))
    } else {
      const words = `With ${kOf} instead of ${quorum.k} of the ${people} of a group`
      const less = { ...wish, quorums: wish.quorums.map((one) => (one === quorum ? { ...one, k: kOf } : one)) }
      ways.push(...(yield* trials.ifHelps({ kind: 'smaller_group', group, kOf }, words, less)))
    }
  }
  return ways
}

/** What fits for an hour fits for half of it, so the longest that fits is found by halving. */
function* shorter(wish: Wish, trials: Trials): Steps<Relaxation[]> {
  const minutesOf = (steps: number) => steps * SHORTER_STEP_MINUTES
  let low = 0
  let high = Math.ceil(wish.durationMinutes / SHORTER_STEP_MINUTES)
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((yield* trials.slotsOf({ ...wish, durationMinutes: minutesOf(middle) })) > 0) low = middle
    else high = middle
  }
  if (low === 0) return []
  const durationMinutes = minutesOf(low)
  const words = `${durationMinutes} instead of ${count(wish.durationMinutes, 'minute', 'minutes')}`
  return yield* trials.ifHelps({ kind: 'shorter', durationMinutes }, words, { ...wish, durationMinutes })
}

/** Up to the end of the first day beyond the window that gives any, and that may be asked for. */
function* wider(wish: Wish, trials: Trials): Steps<Relaxation[]> {
  for (let days = 1; days <= MAX_WIDER_DAYS; days++) {
    const to = plus(wish.window.end, days * DAY_MS)
    const window = { ...wish.window, end: to }
    if (tooLarge(window, wish.granularityMinutes, wish.series !== null) !== undefined) break
    const words = `${count(days, 'day', 'days')} later`
    const helps = yield* trials.ifHelps({ kind: 'wider_window', to }, words, { ...wish, window })
    if (helps.length > 0) return helps
  }
  return []
}

function* outsideHours(wish: Wish, trials: Trials): Steps<Relaxation[]> {
  const always = new Map<Guest, Guest>()
  const anyTime = (guests: readonly Guest[]) =>
    guests.map((guest) => {
      const awake = always.get(guest) ?? { ...guest, work: guest.work.map(() => -1) }
      always.set(guest, awake)
      return awake
    })
  const quorums = wish.quorums.map((quorum) => ({ ...quorum, members: anyTime(quorum.members) }))
  const relaxed = { ...wish, required: anyTime(wish.required), optional: anyTime(wish.optional), quorums }
  return yield* trials.ifHelps({ kind: 'outside_working_hours' }, 'Outside of working hours', relaxed)
}

/** Never fewer seats than people: that would be refused. */
function* lessRoom(wish: Wish, trials: Trials): Steps<Relaxation[]> {
  const { rooms } = wish
  if (rooms === null) return []
  const having = (less: Partial<RoomWish>): Wish => ({ ...wish, rooms: { ...rooms, ...less } })
  const ways: Relaxation[] = []
  const capacity = yield* largestThatHelps(wish, rooms, trials)
  if (capacity !== undefined) {
    const smaller = having({ capacity })
    ways.push(...(yield* trials.ifHelps({ kind: 'smaller_room', capacity }, `In a room for ${capacity}`, smaller)))
  }
  const bare: Relaxation[] = []
  for (const equipment of rooms.equipment) {
    if (bare.length === MAX_OF_A_KIND) break
    const less = having({ equipment: rooms.equipment.filter((name) => name !== equipment) })
    bare.push(...(yield* trials.ifHelps({ kind: 'without_equipment', equipment }, `Without ${equipment}`, less)))
  }
  ways.push(...bare)
  if (rooms.floorId !== null) {
    ways.push(...(yield* trials.ifHelps({ kind: 'any_floor' }, 'On any floor', having({ floorId: null }))))
  }
  const roomless = { ...wish, rooms: null }
  return [...ways, ...(yield* trials.ifHelps({ kind: 'without_room' }, 'Without a room', roomless))]
}

/** Who asks for fewer seats has every room of who asks for more, so the largest number of seats that helps is found by halving. */
function* largestThatHelps(wish: Wish, rooms: RoomWish, trials: Trials): Steps<number | undefined> {
  const least = rooms.count === 1 ? leastHeads(wish) : 1
  const sizes = [...new Set(rooms.choices.map(({ capacity }) => capacity))]
    .filter((capacity) => capacity >= least && capacity < rooms.capacity)
    .toSorted((a, b) => b - a)
  let [low, high] = [0, sizes.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const smaller = { ...wish, rooms: { ...rooms, capacity: sizes[middle]! } }
    if ((yield* trials.slotsOf(smaller)) > 0) high = middle
    else low = middle + 1
  }
  return sizes[low]
}

function byId(guests: readonly Guest[]): Guest[] {
  return guests.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
