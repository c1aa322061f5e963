import type { z } from 'zod'
import { refuse } from '../../domain/refusals.ts'
import { decodeCursor, encodeCursor } from '../rest/input.ts'
import { builder } from './builder.ts'
import { Refused } from './refused.ts'

/** Relay's connection, forwards only; cursors are those of REST. */
export interface Connection<T> {
  edges: { node: T; cursor: string }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

const PageInfo = builder.objectRef<Connection<unknown>['pageInfo']>('PageInfo').implement({
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage'),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether the page began after a cursor.' }),
    startCursor: t.exposeString('startCursor', { nullable: true }),
    endCursor: t.exposeString('endCursor', { nullable: true }),
  }),
})

type Ref<T> = ReturnType<ReturnType<typeof builder.objectRef<T>>['implement']>

/** The types `<name>Connection` and `<name>Edge`. */
export function connectionOf<T>(name: string, Node: Ref<T>): Ref<Connection<T>> {
  const Edge = builder.objectRef<Connection<T>['edges'][number]>(`${name}Edge`)
  Edge.implement({
    fields: (t) => ({
      // Pothos cannot tell that any T is the shape of its own ref.
      node: t.field({ type: Node as Ref<unknown>, resolve: (edge) => edge.node as object }),
      cursor: t.exposeString('cursor'),
    }),
  })
  const Type = builder.objectRef<Connection<T>>(`${name}Connection`)
  Type.implement({
    fields: (t) => ({
      edges: t.field({ type: [Edge], resolve: (connection) => connection.edges }),
      pageInfo: t.field({ type: PageInfo, resolve: (connection) => connection.pageInfo }),
    }),
  })
  return Type
}

export const MAX_PAGE = 500
export const DEFAULT_PAGE = 50

interface Page<Item, Key extends unknown[], Node> {
  /** Shape of the sort key that a cursor holds. */
  key: z.ZodType<Key>
  keyOf: (item: Item) => readonly [...NoInfer<Key>]
  view: (item: Item) => Node
  read: (page: { limit: number; after: NoInfer<Key> | undefined }) => Promise<Item[]>
}

/** One item more than asked is read to know whether there is a next page. */
export async function connect<Item, Key extends unknown[], Node>(
  { first, after }: { first: number; after?: string | null | undefined },
  { key, keyOf, view, read }: Page<Item, Key, Node>,
): Promise<Connection<Node>> {
  if (first < 1 || first > MAX_PAGE) {
    throw new Refused(refuse('too_large', `A page has 1 to ${MAX_PAGE} items.`))
  }
  const position = after === undefined || after === null ? undefined : decodeCursor(after, key)
  if (typeof after === 'string' && position === undefined) throw new Refused(refuse('invalid_cursor'))
  const found = await read({ limit: first + 1, after: position })
  const edges = found.slice(0, first).map((item) => ({ node: view(item), cursor: encodeCursor(keyOf(item)) }))
  return {
    edges,
    pageInfo: {
      hasNextPage: found.length > first,
      hasPreviousPage: position !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}
