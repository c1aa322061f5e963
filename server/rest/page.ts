import type { z } from 'zod'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { decodeCursor, encodeCursor } from './input.ts'
import type { Answer } from './route.ts'

interface PageRequest {
  limit: number
  cursor?: string | undefined
}

interface Page<Item, Key extends unknown[]> {
  /** Shape of the sort key that the cursor holds. */
  key: z.ZodType<Key>
  keyOf: (item: Item) => readonly [...NoInfer<Key>]
  view: (item: Item) => unknown
  read: (page: { limit: number; after: NoInfer<Key> | undefined }) => Promise<Item[]>
}

/** A list's answer: `{ items, nextCursor }`. One item more than asked is read to know whether there is a next page. */
export async function pageAnswer<Item, Key extends unknown[]>(
  { limit, cursor }: PageRequest,
  { key, keyOf, view, read }: Page<Item, Key>,
): Promise<Result<Answer, Refusal>> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, key)
  if (cursor !== undefined && after === undefined) return err(refuse('invalid_cursor'))
  const found = await read({ limit: limit + 1, after })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const nextCursor = found.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null
  return ok({ status: 200, body: { items: items.map(view), nextCursor } })
}
