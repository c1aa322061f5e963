import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instant } from '../time/instant.ts'
import { blocksOf } from './busy-blocks.ts'
import { type SubjectDelta, deltaBetween } from './subject-delta.ts'
import { ENTRY_KINDS, type SubjectEntry } from './subject-entry.ts'

const SEED = 20_261_122

const DAY = { start: instant(0), end: instant(24) }
const ANA: SubjectEntry = { id: 'ana', kind: 'person', timezone: 'UTC', busy: [], working: [DAY], sources: [] }

const busy = fc
  .array(
    fc.record({ start: fc.nat(23), lasts: fc.integer({ min: 1, max: 6 }), status: fc.constantFrom(...ENTRY_KINDS) }),
    { maxLength: 8 },
  )
  .map((spans) =>
    blocksOf(
      spans.map(({ start, lasts, status }) => ({ start: instant(start), end: instant(start + lasts), status })),
      DAY,
      ENTRY_KINDS,
    ),
  )

/** As the contract has clients do it (realtime/protocol.ts). */
function folded(held: SubjectEntry, { window, ...delta }: SubjectDelta): SubjectEntry {
  if (window === undefined) return { ...held, ...delta }
  const before = held.busy.filter(({ end }) => end <= window.start)
  const after = held.busy.filter(({ start }) => start >= window.end)
  return { ...held, ...delta, busy: [...before, ...delta.busy!, ...after] }
}

describe(`a delta, seed ${SEED}`, () => {
  test('folded into what was held gives what is; nothing is said twice', () => {
    fc.assert(
      fc.property(busy, busy, (earlier, later) => {
        const [before, after] = [
          { ...ANA, busy: earlier },
          { ...ANA, busy: later },
        ]
        const delta = deltaBetween(before, after)
        expect(delta === undefined).toBe(JSON.stringify(later) === JSON.stringify(earlier))
        if (delta === undefined) return
        expect(folded(before, delta)).toEqual(after)
        expect(Object.keys(delta)).toEqual(['id', 'kind', 'window', 'busy'])
        const gone = earlier.filter(({ start, end }) => start < delta.window!.end && end > delta.window!.start)
        for (const end of [0, -1]) expect(gone.at(end) ?? 'nothing').not.toEqual(delta.busy?.at(end))
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test('of somebody whose busy time stands says only what else has changed', () => {
    const sources = [{ source: 'calendar' as const, freshAsOf: instant(7) }]
    expect(deltaBetween(ANA, { ...ANA, sources })).toEqual({ id: 'ana', kind: 'person', sources })
    expect(deltaBetween(ANA, { ...ANA, working: [] })).toEqual({ id: 'ana', kind: 'person', working: [] })
    expect(deltaBetween(ANA, { ...ANA, working: [{ ...DAY }] })).toBeUndefined()
  })
})
