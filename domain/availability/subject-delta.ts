import { type Interval, instant } from '../time/instant.ts'
import type { SubjectEntry } from './subject-entry.ts'

/**
 * What of one person's or room's time has changed: what is absent stands. `busy` is all there is within `window`, and replaces
 * whatever was there; no block reaches over its bounds, neither of those before nor of these.
 */
export interface SubjectDelta extends Partial<Omit<SubjectEntry, 'id' | 'kind'>> {
  id: string
  kind: SubjectEntry['kind']
  window?: Interval
}

/** What who holds `before` has to be told, so that he holds `after`; undefined: nothing. */
export function deltaBetween(before: SubjectEntry, after: SubjectEntry): SubjectDelta | undefined {
  const delta: SubjectDelta = {
    id: after.id,
    kind: after.kind,
    ...(after.timezone !== before.timezone && { timezone: after.timezone }),
    ...busyBetween(before.busy, after.busy),
    ...(!areSameSpans(before.working, after.working) && { working: after.working }),
    ...(!areSameSources(before.sources, after.sources) && { sources: after.sources }),
  }
  return Object.keys(delta).length > 2 ? delta : undefined
}

/** Without what both begin and end with: blocks are in order and never overlap, so what is left lies between. */
function busyBetween(
  before: SubjectEntry['busy'],
  after: SubjectEntry['busy'],
): Pick<SubjectDelta, 'window' | 'busy'> | undefined {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && isSameBlock(before[head]!, after[head]!)) head += 1
  let tail = 0
  while (tail < shorter - head && isSameBlock(before.at(-1 - tail)!, after.at(-1 - tail)!)) tail += 1
  const [gone, come] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)]
  const touched = [...gone, ...come]
  if (touched.length === 0) return undefined
  const start = instant(Math.min(...touched.map((block) => block.start)))
  const end = instant(Math.max(...touched.map((block) => block.end)))
  return { window: { start, end }, busy: come }
}

type Block = SubjectEntry['busy'][number]

function isSameBlock(a: Block, b: Block): boolean {
  return a.start === b.start && a.end === b.end && a.status === b.status
}

function areSameSpans(a: SubjectEntry['working'], b: SubjectEntry['working']): boolean {
  if (a === b) return true
  if (a === null || b === null || a.length !== b.length) return false
  return a.every(({ start, end }, i) => start === b[i]?.start && end === b[i].end)
}

function areSameSources(a: SubjectEntry['sources'], b: SubjectEntry['sources']): boolean {
  return a.length === b.length && a.every(({ freshAsOf }, i) => freshAsOf === b[i]?.freshAsOf)
}
