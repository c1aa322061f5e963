import { DAY_MS, MINUTE_MS, SECOND_MS, instant } from './instant.ts'
import type { Instant } from './instant.ts'
import { IANA_LINKS } from './iana-links.ts'

/** An IANA time zone. Walls are as in `wallMs`: the wall clock encoded as if it were UTC, in milliseconds. */
export interface Zone {
  readonly name: string
  /** RFC 5545 3.3.5: a wall time inside a gap takes the offset before it, one inside an overlap its first pass. */
  instantOf(wall: number): Instant
  wallAt(at: Instant): number
  /** Milliseconds east of UTC. */
  offsetAt(at: Instant): number
}

/**
 * The zone of that IANA name, in the exact spelling of the tz database (aliases such as `Asia/Kolkata` or `US/Eastern`
 * included); undefined for anything else: offsets, abbreviations like `PST`, other spellings.
 */
export function findZone(name: string): Zone | undefined {
  const cached = zones.get(name)
  if (cached !== undefined) return cached
  if (!isIanaName(name)) return undefined
  const zone = new TableZone(name)
  zones.set(name, zone)
  return zone
}

/** For names that were checked when they were written: one that the zone data has lost since is better UTC than no answer. */
export function zoneOrUtc(name: string): Zone {
  return findZone(name) ?? findZone('UTC')!
}

/** Bounded by the number of IANA names, about 600: only those get in. */
const zones = new Map<string, Zone>()

/** Tables are made per era of about ten years when first needed, so that no question blocks for more than a few milliseconds. */
const ERA_MS = 3_653 * DAY_MS
const FIRST_ERA_FROM = -366 * DAY_MS
/** Up to 2208. Before the first and after the last era the nearest known offset holds. */
const ERAS = 24

/** A wall clock and its instant are never further apart than this, so an era's table reaches that far over both ends. */
const MAX_OFFSET_MS = DAY_MS

/**
 * Nowhere since 1970 do two changes of one zone lie closer than 6.9 days (Recife, October 2000; Gaza, 2040), so two probes this far
 * apart never straddle a pair that cancels out.
 */
const PROBE_MS = 6 * DAY_MS

/** By then the last calendars of single years have ended (Casablanca's in 2087), and no two changes are closer than two months. */
const REGULAR_FROM = 120 * 365.25 * DAY_MS
const REGULAR_PROBE_MS = 48 * DAY_MS

const QUARTER_MS = 15 * MINUTE_MS

/** Between two changes the offset is constant: `offsets[i]` holds before the i-th change, `offsets[i + 1]` from it on. */
interface Era {
  /** The changes, as instants. */
  readonly instants: Float64Array
  /** The first wall time that takes the offset after the change: the later of the two readings of that moment. */
  readonly walls: Float64Array
  readonly offsets: Float64Array
}

/** One offset holds in `[from, to)`, which are walls or instants. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly offset: number
}

const NOWHERE: Stretch = { from: Infinity, to: -Infinity, offset: 0 }

/**
 * The table is bisected from Intl on epoch numbers. date-fns-tz's `getTimezoneOffset` will not do for that: it
 * reads its argument as wall time through the host's own zone, so in an overlap its answer differs from host to host.
 */
class TableZone implements Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #eras: (Era | undefined)[] = []
  /** Where the last question of either kind was answered: the next one mostly lies in the same half-year. */
  #ofWalls: Stretch = NOWHERE
  #ofInstants: Stretch = NOWHERE

  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, year: 'numeric', timeZoneName: 'longOffset' })
  }

  instantOf(wall: number): Instant {
    if (wall < this.#ofWalls.from || wall >= this.#ofWalls.to) this.#ofWalls = this.#stretchOf(wall, 'walls')
    return instant(wall - this.#ofWalls.offset)
  }

  wallAt(at: Instant): number {
    return at + this.offsetAt(at)
  }

  offsetAt(at: Instant): number {
    if (at < this.#ofInstants.from || at >= this.#ofInstants.to) this.#ofInstants = this.#stretchOf(at, 'instants')
    return this.#ofInstants.offset
  }

  #stretchOf(ms: number, clock: 'walls' | 'instants'): Stretch {
    const index = Math.min(Math.max(Math.floor((ms - FIRST_ERA_FROM) / ERA_MS), 0), ERAS - 1)
    const eraFrom = FIRST_ERA_FROM + index * ERA_MS
    const era = (this.#eras[index] ??= this.#makeEra(eraFrom))
    const passed = countUpTo(era[clock], ms)
    return {
      from: Math.max(era[clock][passed - 1] ?? -Infinity, index === 0 ? -Infinity : eraFrom),
      to: Math.min(era[clock][passed] ?? Infinity, index === ERAS - 1 ? Infinity : eraFrom + ERA_MS),
      offset: era.offsets[passed]!,
    }
  }

  #makeEra(eraFrom: number): Era {
    const to = eraFrom + ERA_MS + MAX_OFFSET_MS
    let at = eraFrom - MAX_OFFSET_MS
    let offset = this.#askOffset(at)
    const instants: number[] = []
    const walls: number[] = []
    const offsets = [offset]
    while (at < to) {
      const probe = Math.min(at + (at < REGULAR_FROM ? PROBE_MS : REGULAR_PROBE_MS), to)
      const next = this.#askOffset(probe)
      if (next !== offset) {
        const change = this.#bisect(at, probe, offset)
        instants.push(change)
        walls.push(change + Math.max(offset, next))
        offsets.push(next)
        offset = next
      }
      at = probe
    }
    return {
      instants: Float64Array.from(instants),
      walls: Float64Array.from(walls),
      offsets: Float64Array.from(offsets),
    }
  }

  /** The first whole second in (from, to] whose offset is no longer `before`. Since 1972 all changes were on a quarter of an hour. */
  #bisect(from: number, to: number, before: number): number {
    const quarter = this.#narrow(from, to, QUARTER_MS, before)
    if (this.#askOffset(quarter - SECOND_MS) === before) return quarter
    return this.#narrow(quarter - QUARTER_MS, quarter, SECOND_MS, before)
  }

  /** Both ends lie whole steps apart. */
  #narrow(from: number, to: number, step: number, before: number): number {
    let low = 0
    let high = (to - from) / step
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#askOffset(from + middle * step) === before) low = middle
      else high = middle
    }
    return from + high * step
  }

  /** Intl writes `2026, GMT-05:00`, `1972, GMT-00:44:30` or, without an offset, `2026, GMT`. */
  #askOffset(at: number): number {
    const m = LONG_OFFSET.exec(this.#format.format(at))
    if (m === null) throw new Error(`cannot read the offset of ${this.name} at ${at}`)
    if (m[1] === undefined) return 0
    const seconds = Number(m[2]) * 3600 + Number(m[3]) * 60 + Number(m[4] ?? 0)
    return (m[1] === '-' ? -seconds : seconds) * 1000
  }
}

const LONG_OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/

/** How many of the ascending `breaks` are at or before `x`. */
export function countUpTo(breaks: ArrayLike<number>, x: number): number {
  let low = 0
  let high = breaks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (breaks[middle]! <= x) low = middle + 1
    else high = middle
  }
  return low
}

/** Intl takes names in any case, offsets and abbreviations; its own list holds one spelling per zone. Both together are strict. */
function isIanaName(name: string): boolean {
  if (!IANA_LINKS.has(name) && !canonicalNames.has(name)) return false
  try {
    Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const canonicalNames: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'))
