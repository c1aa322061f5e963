import { OVER, RuleWalk } from '../recurrence/rule-walk.ts'
import type { Rule } from '../recurrence/rule.ts'
import { instant } from '../time/instant.ts'
import { localTimeOf } from '../time/local-time.ts'
import { type Zone, countUpTo } from '../time/zone.ts'

/** One STANDARD or DAYLIGHT part of a VTIMEZONE (RFC 5545 3.6.5). Walls as in `wallMs`, offsets in milliseconds east of UTC. */
export interface Observance {
  start: number
  offsetFrom: number
  offsetTo: number
  rule: Rule | null
  /** Further onsets. */
  rdates: readonly number[]
}

/** Two changes a year for three hundred years; what a hostile definition has beyond that is not looked at. */
const MOST_CHANGES = 600

/** The zone that a calendar defines itself, exact up to `until`; after the last change the last offset holds. */
export function createZone(name: string, observances: readonly Observance[], until: number): Zone {
  const changes = observances
    .flatMap((observance) => onsets(observance, until).map((at) => ({ at, ...observance })))
    .sort((a, b) => a.at - b.at)
    .slice(-MOST_CHANGES)
  const offsets = [changes[0]?.offsetFrom ?? 0, ...changes.map((change) => change.offsetTo)]
  const instants = changes.map((change) => change.at)
  // In an overlap the first pass holds, in a gap the offset before it: the later of the two readings of the moment (RFC 5545 3.3.5).
  const walls = instants.map((at, i) => at + Math.max(offsets[i]!, offsets[i + 1]!))
  const offsetAt = (at: number) => offsets[countUpTo(instants, at)]!
  return {
    name,
    instantOf: (wall) => instant(wall - offsets[countUpTo(walls, wall)]!),
    wallAt: (at) => at + offsetAt(at),
    offsetAt,
  }
}

/** As instants. */
function onsets({ start, offsetFrom, rule, rdates }: Observance, until: number): number[] {
  const found = new Set([start, ...rdates].map((wall) => wall - offsetFrom))
  if (rule !== null) {
    const last = Math.min(until, rule.until ?? Infinity)
    const walk = new RuleWalk(rule, localTimeOf(start), start, last + offsetFrom)
    for (let wall = walk.next(); wall !== OVER && found.size < MOST_CHANGES; wall = walk.next()) {
      found.add(wall - offsetFrom)
    }
  }
  return [...found]
}
