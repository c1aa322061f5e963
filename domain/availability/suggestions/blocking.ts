import type { Instant } from '../../time/instant.ts'
import { type Bits, add, countMinutes, emptyBits, hasMinute } from '../bitmap.ts'
import { type Table, candidatesOf, minuteIn, startsOf } from './candidates.ts'
import { count } from './reasons.ts'
import { fittingRooms, readyRooms, seatsIn } from './rooms.ts'
import type { Seat } from './seat.ts'
import { leastHeads } from './seating.ts'
import type { Steps, Tally } from './steps.ts'

/** One of those that together are in the way of every candidate. `group` is its place among the groups that were asked for, from 0. */
export interface Blocker {
  kind: 'person' | 'group' | 'rooms' | 'recurrence' | 'window'
  userId?: string
  group?: number
  roomId?: string
  sentence: string
}

/** Somebody or something that is in the way of candidates. */
export interface Obstacle {
  kind: 'person' | 'group' | 'rooms'
  seat?: Seat
  quorum?: Table['quorums'][number]
  /** Of which candidates, by their numbers. */
  of: Bits
}

/** Every candidate that a series could begin at, with all that is in its way. */
export interface Obstacles {
  starts: readonly Instant[]
  obstacles: readonly Obstacle[]
}

export function* obstaclesOf(table: Table): Steps<Obstacles> {
  const { wish, seats, quorums, seatingAt, chooseRooms, tally } = table
  const starts: Instant[] = []
  for (const start of candidatesOf(wish)) {
    if (startsOf(table, start) !== undefined) starts.push(start)
    yield* tally.pause()
  }
  yield* readyRooms(wish, tally)
  const required = seats.filter(({ isRequired }) => isRequired)
  const places: Obstacle[] = [
    ...required.map((seat) => ({ kind: 'person' as const, seat, of: bitsFor(starts) })),
    ...quorums.map((quorum) => ({ kind: 'group' as const, quorum, of: bitsFor(starts) })),
    { kind: 'rooms', of: bitsFor(starts) },
  ]
  const heads = leastHeads(wish)
  const fewest = { least: heads, most: heads }
  const asked = required.length + quorums.reduce((sum, quorum) => sum + quorum.seats.length, 0)
  for (const [i, start] of starts.entries()) {
    tally.add(asked)
    yield* tally.pause()
    const minute = minuteIn(wish, start)
    required.forEach((seat, j) => seat.canCome(start, minute) || setBit(places[j]!.of, i))
    quorums.forEach(({ k, seats: members }, j) => {
      const isShort = members.filter((seat) => seat.canCome(start, minute)).length < k
      if (isShort) setBit(places[required.length + j]!.of, i)
    })
    const rooms = chooseRooms(startsOf(table, start) ?? [start], seatingAt(start, minute) ?? fewest)
    if (rooms === undefined) setBit(places.at(-1)!.of, i)
  }
  return { starts, obstacles: places.filter(({ of }) => countMinutes(of) > 0) }
}

/**
 * The smallest set of which one at least is in the way of every candidate: whatever is done about all others, nothing fits while these
 * stay as they are.
 *
 * That is the smallest cover of the candidates by obstacles, which is hard in general. So all sets of one, two and three are tried while
 * they are few (then the answer is the smallest there is), and beyond that the obstacle that covers most of what is left is taken again
 * and again, and what the others made needless is dropped. Equals go by the order of ids, so the answer is always the same.
 */
export function* blockingSet({ starts, obstacles }: Obstacles, tally: Tally): Steps<Obstacle[]> {
  if (starts.length === 0) return []
  const all = bitsFor(starts)
  starts.forEach((_, i) => setBit(all, i))
  for (let size = 1; size <= MAX_EXACT_SIZE; size++) {
    const sets = combinations(obstacles.length, size)
    if (sets > MAX_COMBINATIONS) break
    const found = coverOf(obstacles, all, size, 0, bitsFor(starts))
    if (found !== undefined) return found
    tally.add(sets)
    yield* tally.pause()
  }
  return yield* greedyCover(obstacles, tally)
}

/** All pairs of 200 people: some milliseconds of trying. */
const MAX_COMBINATIONS = 20_000
const MAX_EXACT_SIZE = 3

/** In words, for the answer. */
export function* blockersOf(table: Table, found: Obstacles): Steps<Blocker[]> {
  const { wish } = table
  if (found.starts.length === 0) {
    if (candidatesOf(wish).length > 0) {
      return [{ kind: 'recurrence', sentence: 'No start in the window is the first instance of that rule.' }]
    }
    const [minutes, raster] = [wish.durationMinutes, wish.granularityMinutes].map((n) => count(n, 'minute', 'minutes'))
    const sentence = `What is left of the window from now on does not hold ${minutes} that begin on a multiple of ${raster}.`
    return [{ kind: 'window', sentence }]
  }
  const blocking = yield* blockingSet(found, table.tally)
  return blocking.map((obstacle) => {
    const times = countMinutes(obstacle.of)
    const isAlways = times === found.starts.length
    const when = isAlways ? 'At every start in the window' : `At ${times} of ${found.starts.length} starts`
    return blockerOf(obstacle, table, found, when)
  })
}

function blockerOf(
  { kind, seat, quorum, of }: Obstacle,
  { wish }: Table,
  { starts }: Obstacles,
  when: string,
): Blocker {
  if (kind === 'person') {
    const { id, name } = seat!.guest
    const isUnwilling = starts.every((start, i) => !hasMinute(of, i) || !seat!.isWilling(start))
    const why = isUnwilling ? 'takes no meetings so soon or so far ahead' : 'is busy, not at work or full for the day'
    return { kind, userId: id, sentence: `${when} ${name} ${why}.` }
  }
  if (kind === 'group') {
    const { group, k, seats } = quorum!
    return { kind, group, sentence: `${when} fewer than ${k} of the ${seats.length} people of a group can come.` }
  }
  const { count: wanted } = wish.rooms!
  const fitting = fittingRooms(wish)
  if (fitting.length < wanted) return { kind, sentence: 'There are not enough rooms of that size and equipment.' }
  const heads = leastHeads(wish)
  const seated = seatsIn(fitting.toSorted((a, b) => b.capacity - a.capacity).slice(0, wanted))
  if (seated < heads) {
    return { kind, sentence: `The ${wanted} largest rooms that fit seat ${seated}, and ${heads} come.` }
  }
  const [room] = fitting
  if (fitting.length === 1) return { kind, roomId: room!.id, sentence: `${when} ${room!.name} cannot be booked.` }
  const few = wanted === 1 ? 'none' : `fewer than ${wanted}`
  return { kind, sentence: `${when} ${few} of the ${fitting.length} rooms that fit can be booked.` }
}

/** The first set of that size, in the order of obstacles, that covers all. */
function coverOf(
  obstacles: readonly Obstacle[],
  all: Bits,
  size: number,
  from: number,
  covered: Bits,
): Obstacle[] | undefined {
  // Most sets miss one of the first starts already: the last of a set is compared, not counted.
  if (size === 1) {
    const last = obstacles.findIndex(({ of }, i) => i >= from && isWhole(all, covered, of))
    return last === -1 ? undefined : [obstacles[last]!]
  }
  for (let i = from; i <= obstacles.length - size; i++) {
    const more = covered.slice()
    add(more, obstacles[i]!.of)
    const rest = coverOf(obstacles, all, size - 1, i + 1, more)
    if (rest !== undefined) return [obstacles[i]!, ...rest]
  }
  return undefined
}

function isWhole(all: Bits, one: Bits, other: Bits): boolean {
  for (let word = 0; word < all.length; word++) if ((one[word]! | other[word]!) !== all[word]) return false
  return true
}

/** Ends also where a candidate has nothing in its way: what is left then gains nothing. */
function* greedyCover(obstacles: readonly Obstacle[], tally: Tally): Steps<Obstacle[]> {
  const [first] = obstacles
  if (first === undefined) return []
  const covered = new Int32Array(first.of.length)
  const taken: Obstacle[] = []
  for (;;) {
    let best: { obstacle: Obstacle; gain: number } | undefined
    for (const obstacle of obstacles) {
      const gain = gainOf(obstacle.of, covered)
      if (gain > (best?.gain ?? 0)) best = { obstacle, gain }
      tally.add(covered.length)
      yield* tally.pause()
    }
    if (best === undefined) break
    taken.push(best.obstacle)
    add(covered, best.obstacle.of)
  }
  const whole = countMinutes(covered)
  for (const obstacle of taken.slice()) {
    const others = taken.filter((other) => other !== obstacle)
    if (coverage(others) === whole) taken.splice(taken.indexOf(obstacle), 1)
    tally.add(covered.length * taken.length)
    yield* tally.pause()
  }
  return taken
}

/** How many it covers that are not covered yet. */
function gainOf(of: Bits, covered: Bits): number {
  let gain = 0
  for (let word = 0; word < of.length; word++) {
    for (let rest = of[word]! & ~covered[word]!; rest !== 0; rest &= rest - 1) gain++
  }
  return gain
}

function coverage(obstacles: readonly Obstacle[]): number {
  const [first, ...others] = obstacles
  if (first === undefined) return 0
  const all = first.of.slice()
  for (const { of } of others) add(all, of)
  return countMinutes(all)
}

/** How many sets of `size` there are among `n`. */
function combinations(n: number, size: number): number {
  let sets = 1
  for (let i = 0; i < size; i++) sets *= (n - i) / (i + 1)
  return sets
}

function bitsFor(starts: readonly unknown[]): Bits {
  return emptyBits({ firstWord: 0, words: Math.ceil(starts.length / 32) })
}

function setBit(bits: Bits, i: number): void {
  bits[i >>> 5]! |= 1 << (i & 31)
}
