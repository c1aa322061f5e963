import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openPool } from '../../db/pool.ts'
import { instant } from '../../domain/time/instant.ts'
import { type Batch, Journal } from './journal.ts'

const MIB = 1_048_576

test('while the store is away everything is kept and nothing is called stored; beyond 64 MiB nothing more may be taken in', async () => {
  // Nobody listens there.
  const pool = openPool({ url: 'postgres://nobody@127.0.0.1:1/none', role: 'convoke_app', max: 2, onError: () => {} })
  const journal = new Journal({ pool, log: pino({ level: 'silent' }), now: () => instant(Date.now()) })
  const settled: string[] = []
  const doc = {
    organizationId: '00000000-0000-7000-8000-000000000000',
    docId: 'meeting:00000000-0000-7000-8000-000000000000',
    stored: () => settled.push('stored'),
    lost: () => settled.push('lost'),
  }
  for (let i = 0; i < 64; i++) journal.put(doc, batch(MIB))
  expect(journal.isFull).toBe(false)
  await journal.drain(200)
  expect([journal.isAway, journal.unstoredBytes, settled]).toEqual([true, 64 * MIB, []])
  journal.put(doc, batch(1))
  expect(journal.isFull).toBe(true)
  await journal[Symbol.asyncDispose]()
  await pool.end()
})

/** As if it were so large. */
function batch(bytes: number): Batch {
  const update = new Uint8Array([0, 0])
  return { updates: [update], bytes, authorIds: new Set(), from: 0, to: 0, receipts: new Map(), parts: 1, since: 0 }
}
