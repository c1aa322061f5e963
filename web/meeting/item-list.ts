import * as Y from 'yjs'

/** A list of people's items: a Y.Array of Y.Map. Items moved by hand carry their place as `order`. */
export type ItemList = Y.Array<Y.Map<unknown>>
export type Item = Y.Map<unknown>

/** Numbers this close leave no room between them. */
const TOO_CLOSE = 1e-6
export const MAX_TEXT = 500

/**
 * The items as they are read: by `order`, then as they stand in the array. Moving writes `order` and nothing else: taking an
 * item out and putting it elsewhere would lose what somebody is typing in it.
 */
export function itemsIn(list: ItemList): Item[] {
  const items = list.toArray().filter((item): item is Item => item instanceof Y.Map)
  return items
    .map((item, index) => ({ item, place: placeOf(item) ?? index, index }))
    .toSorted((a, b) => a.place - b.place || a.index - b.index)
    .map(({ item }) => item)
}

/** At the end, or behind another one. To be called inside of a transaction, as everything that follows. */
export function addItem(list: ItemList, fields: Record<string, unknown>, behind?: Item): Item {
  const items = itemsIn(list)
  const item: Item = new Y.Map<unknown>(Object.entries({ ...fields, text: new Y.Text() }))
  const at = behind === undefined ? items.length : items.indexOf(behind) + 1
  const isPlaced = at < items.length || items.some((other) => placeOf(other) !== undefined)
  if (isPlaced) {
    keepPlaces(list)
    item.set('order', placeBetween(items, at))
  }
  list.push([item])
  return item
}

/** False: it is at that end already. */
export function moveItem(list: ItemList, item: Item, by: -1 | 1): boolean {
  const items = itemsIn(list)
  const from = items.indexOf(item)
  const to = from + by
  if (from < 0 || to < 0 || to >= items.length) return false
  const others = items.filter((other) => other !== item)
  keepPlaces(list)
  item.set('order', placeBetween(others, to))
  return true
}

export function removeItem(list: ItemList, item: Item): void {
  const index = list.toArray().indexOf(item)
  if (index >= 0) list.delete(index, 1)
}

/** Sets a field, or takes it away. */
export function setField(item: Item, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === '') item.delete(name)
  else item.set(name, value)
}

/** Other clients may have written anything: what is of another type is not there. */
export function fieldOf(item: Item, name: string): string {
  const value = item.get(name)
  return typeof value === 'string' ? value : value instanceof Y.Text ? value.toJSON() : ''
}

export function numberOf(item: Item, name: string): number | undefined {
  const value = item.get(name)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function isDone(item: Item): boolean {
  return item.get('done') === true
}

const keys = new WeakMap<Item, number>()
let nextKey = 0

/** The same for the same item as long as the page is open. */
export function keyOf(item: Item): number {
  const key = keys.get(item) ?? (nextKey += 1)
  keys.set(item, key)
  return key
}

/** Writes down where each item stands that was never moved. */
function keepPlaces(list: ItemList): void {
  for (const [index, item] of list.toArray().entries()) {
    if (item instanceof Y.Map && placeOf(item) === undefined) item.set('order', index)
  }
}

/** A place in front of `items[at]`, when all have theirs. */
function placeBetween(items: readonly Item[], at: number): number {
  const [before, after] = [items[at - 1], items[at]].map((item) => item && placeOf(item))
  if (before === undefined) return after === undefined ? 0 : after - 1
  if (after === undefined) return before + 1
  if (after - before > TOO_CLOSE) return (before + after) / 2
  for (const [index, item] of items.entries()) item.set('order', index < at ? index : index + 1)
  return at
}

function placeOf(item: Item): number | undefined {
  return numberOf(item, 'order')
}
