import { expect, test } from 'vitest'
import { SaveLedger } from './save-ledger.ts'

test('a change waits until its own frame is stored', () => {
  const ledger = new SaveLedger()
  ledger.changed(true)
  ledger.changed(true)
  ledger.stored(1)
  expect(ledger.waiting).toBe(1)
  ledger.stored(2)
  expect(ledger.waiting).toBe(0)
})

test('what was under way when the connection broke waits again, and an ack of the next one does not save it', () => {
  const ledger = new SaveLedger()
  ledger.changed(true)
  ledger.connectionLost()
  ledger.changed(false)
  expect([ledger.waiting, ledger.unsent]).toEqual([2, 2])
  // Typed after the connection came back, and before what waited was sent.
  ledger.changed(true)
  ledger.stored(1)
  expect(ledger.waiting).toBe(2)
  ledger.resent()
  expect([ledger.waiting, ledger.unsent]).toEqual([2, 0])
  ledger.stored(1)
  expect(ledger.waiting).toBe(2)
  ledger.stored(2)
  expect(ledger.waiting).toBe(0)
})

test('a server that stores nothing does not let the ledger grow for ever, and nothing is saved too early', () => {
  const ledger = new SaveLedger()
  for (let i = 0; i < 5_000; i += 1) ledger.changed(true)
  ledger.stored(4_999)
  expect(ledger.waiting).toBeGreaterThan(0)
  ledger.stored(5_000)
  expect(ledger.waiting).toBe(0)
})
