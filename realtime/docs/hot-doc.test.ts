import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { EMPTY_UPDATE, mergeLevelled } from '../../db/documents/merge-updates.ts'
import { HotDoc, refuseMalformed } from './hot-doc.ts'

describe('A hot document', () => {
  test('answers a state vector with exactly what its replica lacks, in any order and over many compactions', () => {
    const seed = randomInt(1_000_000)
    const { updates, text } = typing(1_500, seed)
    const hot = new HotDoc(0, [])
    const behind = new Y.Doc()
    // Late by at most a few: a replica is asked for what it has without a gap.
    const order = Array.from({ length: 30 }, (_, i) => shuffled(updates.slice(i * 50, i * 50 + 50), seed)).flat()
    for (const [i, update] of order.entries()) {
      hot.append(update)
      if (i === 750) Y.applyUpdate(behind, hot.diff(Y.encodeStateVector(behind)))
    }
    const before = hot.diff(new Uint8Array([0])).length
    const lacking = hot.diff(Y.encodeStateVector(behind))
    Y.applyUpdate(behind, lacking)
    expect([behind.getText('t').toJSON(), seed]).toEqual([text, seed])
    expect(lacking.length).toBeLessThan(before)
    expect(Y.decodeStateVector(hot.stateVector())).toEqual(Y.decodeStateVector(Y.encodeStateVector(behind)))
  })

  test('knows again what it was told, deletions included, and not what is new', () => {
    const doc = new Y.Doc()
    doc.getText('t').insert(0, 'abcdef')
    doc.getText('t').delete(1, 2)
    const hot = new HotDoc(1, [Y.encodeStateAsUpdate(doc)])
    const again = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc))
    expect([hot.knows(again), hot.knows(EMPTY_UPDATE)]).toEqual([true, true])
    doc.getText('t').delete(2, 1)
    expect(hot.knows(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc)))).toBe(false)
    const { updates } = typing(1, 1)
    expect(hot.knows(updates[0]!)).toBe(false)
  })

  test('moves its cursor over numbers that came out of order, once nothing is missing before them', () => {
    const hot = new HotDoc(3, [])
    hot.hasStored(5)
    hot.hasStored(6)
    expect(hot.cursor).toBe(3)
    hot.hasStored(4)
    expect(hot.cursor).toBe(6)
    hot.hasStored(9)
    hot.reached(8)
    expect(hot.cursor).toBe(9)
  })

  test('thousands of small updates merge in levels: in a fraction of a second, to the same document', () => {
    const { updates, text } = typing(2_000, 7)
    const began = performance.now()
    const doc = new Y.Doc()
    Y.applyUpdate(doc, mergeLevelled(updates))
    expect(doc.getText('t').toJSON()).toBe(text)
    expect(performance.now() - began).toBeLessThan(1_500)
  })

  test('what is cut off is malformed', () => {
    const { updates } = typing(5, 3)
    for (const update of updates) expect(() => refuseMalformed(update)).not.toThrow()
    expect(() => refuseMalformed(updates[4]!.subarray(0, 6))).toThrow()
    expect(() => refuseMalformed(new Uint8Array([9, 9, 9]))).toThrow()
  })
})

/** Three people who type and delete in one text; every update, and what it comes to. */
function typing(count: number, seed: number): { updates: Uint8Array[]; text: string } {
  const random = generator(seed)
  const docs = [new Y.Doc(), new Y.Doc(), new Y.Doc()]
  const updates: Uint8Array[] = []
  for (const doc of docs) {
    doc.on('update', (update: Uint8Array, origin) => {
      if (origin !== 'peer') {
        updates.push(update)
        for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, 'peer')
      }
    })
  }
  while (updates.length < count) {
    const text = docs[updates.length % 3]!.getText('t')
    if (text.length > 10 && random() < 0.2) text.delete(Math.floor(random() * (text.length - 1)), 1)
    else text.insert(Math.floor(random() * (text.length + 1)), 'ab')
  }
  return { updates, text: docs[0]!.getText('t').toJSON() }
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = generator(seed)
  return items
    .map((item) => [random(), item] as const)
    .toSorted((a, b) => a[0] - b[0])
    .map(([, item]) => item)
}

function generator(seed: number): () => number {
  let state = seed + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
