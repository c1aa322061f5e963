import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** PostgreSQL keeps one text per name and connection: the second statement of a name fails on whichever connection knew the first. */
test('no two statements have the same name', () => {
  const places = new Map<string, string[]>()
  for (const file of ['app', 'db', 'jobs', 'realtime', 'server'].flatMap(sources)) {
    for (const [, called, configured] of readFileSync(file, 'utf8').matchAll(NAMED)) {
      const name = (called ?? configured) as string
      places.set(name, [...(places.get(name) ?? []), file])
    }
  }
  expect(places.size).toBeGreaterThan(100)
  expect([...places].filter(([, files]) => files.length > 1)).toEqual([])
})

/** `tx.query('name', …)`, and `{ name: 'name', text: … }`. */
const NAMED = /\.query(?:<[^(]{0,300}>)?\(\s*'([a-z0-9-]+)',|name: '([a-z0-9-]+)',\s*(?:\/\/[^\n]*\n\s*)*text:/g

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file))
}
