import { expect, test } from 'vitest'
import { merge } from './merge.ts'

test('a busy source does not starve the others, and the first to end ends them all', async () => {
  const ended: string[] = []
  async function* source(name: string, count: number): AsyncIterableIterator<string> {
    try {
      for (let i = 1; i <= count; i++) yield `${name}${i}`
    } finally {
      ended.push(name)
    }
  }
  const seen: string[] = []
  for await (const item of merge([source('a', 1_000), source('b', 3), source('c', 1_000)])) seen.push(item)
  expect(seen.filter((item) => item.startsWith('b'))).toEqual(['b1', 'b2', 'b3'])
  // Each had its turn after each other.
  expect(seen.length).toBeLessThan(15)
  expect(new Set(ended)).toEqual(new Set(['a', 'b', 'c']))
})

test('a source that fails fails the whole', async () => {
  // oxlint-disable-next-line require-yield -- it fails first
  async function* broken(): AsyncIterableIterator<string> {
    throw new Error('broken')
  }
  await expect(merge([broken()]).next()).rejects.toThrow('broken')
})
