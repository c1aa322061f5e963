import { type Instant, type Interval, MINUTE_MS, instant } from '../time/instant.ts'
import { type Bits, type Grid, WORD_MINUTES, erode, fullBits, hasMinute, keep, minuteOf } from './bitmap.ts'

/** When a meeting is wanted. Candidate starts are `window.start + k * granularityMinutes`; the meeting must lie inside the window. */
export interface Wanted {
  window: Interval
  /** 1 and more. */
  durationMinutes: number
  /** 1 and more. */
  granularityMinutes: number
}

/** Somebody asked to come: the minutes in which he can sit in a meeting, on the common grid. */
export interface Attendee {
  id: string
  required: boolean
  free: Bits
  /** A start he can be told of in time; absent: any. */
  notBefore?: Instant | undefined
  /** The last start he takes yet; absent: any. */
  notAfter?: Instant | undefined
}

export interface FreeStart {
  start: Instant
  /** Ids of who can come, in the order given. */
  attending: string[]
}

/**
 * The starts at which everybody can come.
 *
 * A person's busy time was widened by his buffers when it was filled: a minute is blocked when a busy one lies so near that a meeting in that
 * minute would violate a buffer. So "no busy minute in [s - before, s + duration + after)" is the same as "no blocked minute in [s, s +
 * duration)", for every duration at once; persons are ANDed first, and only the common rest is searched for runs of that length.
 */
export function startsForAll(attendees: readonly Attendee[], grid: Grid, wanted: Wanted): Instant[] {
  const common = fullBits(grid)
  for (const { free } of attendees) keep(common, free)
  return startsIn(common, grid, wanted, boundsOf(attendees))
}

/** Starts within bits that belong to everybody together; `common` is used up. */
export function startsIn(common: Bits, grid: Grid, wanted: Wanted, { notBefore, notAfter }: Bounds = {}): Instant[] {
  erode(common, runOf(wanted))
  const starts: Instant[] = []
  eachCandidate(grid, wanted, (start, minute) => {
    if (hasMinute(common, minute) && isWithin(start, notBefore, notAfter)) starts.push(start)
  })
  return starts
}

/**
 * The starts at which every required person and at least `quorum` persons in all can come, with who that is. Each person's bits are searched
 * for runs by themselves, so a start asks one bit per person.
 */
export function startsForQuorum(
  attendees: readonly Attendee[],
  grid: Grid,
  wanted: Wanted,
  quorum: number,
): FreeStart[] {
  const runs = attendees.map(({ free }) => {
    const run = free.slice()
    erode(run, runOf(wanted))
    return run
  })
  const starts: FreeStart[] = []
  eachCandidate(grid, wanted, (start, minute) => {
    const attending: string[] = []
    for (let i = 0; i < attendees.length; i++) {
      const { id, required, notBefore, notAfter } = attendees[i]!
      if (hasMinute(runs[i]!, minute) && isWithin(start, notBefore, notAfter)) attending.push(id)
      else if (required) return
    }
    if (attending.length >= quorum) starts.push({ start, attending })
  })
  return starts
}

interface Bounds {
  notBefore?: Instant | undefined
  notAfter?: Instant | undefined
}

/** What holds for all of them. */
function boundsOf(attendees: readonly Attendee[]): Bounds {
  let [notBefore, notAfter] = [-Infinity, Infinity]
  for (const attendee of attendees) {
    notBefore = Math.max(notBefore, attendee.notBefore ?? -Infinity)
    notAfter = Math.min(notAfter, attendee.notAfter ?? Infinity)
  }
  return { notBefore: instant(notBefore), notAfter: instant(notAfter) }
}

function isWithin(start: Instant, notBefore: Instant | undefined, notAfter: Instant | undefined): boolean {
  return (notBefore === undefined || start >= notBefore) && (notAfter === undefined || start <= notAfter)
}

/** How many minutes a meeting touches: one more when the candidates do not begin with a minute. */
function runOf({ window, durationMinutes }: Wanted): number {
  return window.start % MINUTE_MS === 0 ? durationMinutes : durationMinutes + 1
}

/** `minute` is counted from the grid's first bit. */
function eachCandidate(grid: Grid, wanted: Wanted, visit: (start: Instant, minute: number) => void): void {
  const { window, durationMinutes, granularityMinutes } = wanted
  const last = window.end - durationMinutes * MINUTE_MS
  const origin = grid.firstWord * WORD_MINUTES
  let minute = minuteOf(window.start) - origin
  for (let at: number = window.start; at <= last; at += granularityMinutes * MINUTE_MS, minute += granularityMinutes) {
    visit(instant(at), minute)
  }
}
