import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ItemList, addItem, fieldOf, itemsIn, moveItem, removeItem } from './item-list.ts'

function listOf(...texts: string[]): { doc: Y.Doc; list: ItemList } {
  const doc = new Y.Doc()
  const list = doc.getArray<Y.Map<unknown>>('agenda')
  for (const text of texts) list.push([new Y.Map(Object.entries({ text }))])
  return { doc, list }
}

function textsOf(list: ItemList): string {
  return itemsIn(list)
    .map((item) => fieldOf(item, 'text'))
    .join(' ')
}

function named(list: ItemList, text: string): Y.Map<unknown> {
  return itemsIn(list).find((item) => fieldOf(item, 'text') === text)!
}

describe('a list of items', () => {
  test('that others wrote is read as it stands', () => {
    expect(textsOf(listOf('a', 'b', 'c').list)).toBe('a b c')
  })

  test('is put into another order by hand, one step at a time, and stops at its ends', () => {
    const { list } = listOf('a', 'b', 'c')
    expect(moveItem(list, named(list, 'c'), -1)).toBe(true)
    expect(textsOf(list)).toBe('a c b')
    expect(moveItem(list, named(list, 'c'), -1)).toBe(true)
    expect(moveItem(list, named(list, 'c'), -1)).toBe(false)
    expect(textsOf(list)).toBe('c a b')
    moveItem(list, named(list, 'c'), 1)
    moveItem(list, named(list, 'c'), 1)
    expect(textsOf(list)).toBe('a b c')
  })

  test('gets a new item behind another one, or at its end, also after it was put in order', () => {
    const { list } = listOf('a', 'b')
    const put = (text: string, behind?: Y.Map<unknown>) => {
      const item = addItem(list, { done: false }, behind)
      ;(item.get('text') as Y.Text).insert(0, text)
    }
    put('c')
    put('a2', named(list, 'a'))
    moveItem(list, named(list, 'c'), -1)
    put('d')
    expect(textsOf(list)).toBe('a a2 c b d')
  })

  test('gets one new item behind the other', () => {
    const { list } = listOf('a', 'b')
    let last = named(list, 'a')
    for (const text of ['1', '2', '3']) {
      last = addItem(list, {}, last)
      ;(last.get('text') as Y.Text).insert(0, text)
    }
    expect(textsOf(list)).toBe('a 1 2 3 b')
    removeItem(list, named(list, '2'))
    expect(textsOf(list)).toBe('a 1 3 b')
  })

  test('stays in order however often two items change places', () => {
    const { list } = listOf('a', 'b', 'c')
    for (let i = 0; i < 200; i += 1) {
      moveItem(list, named(list, 'b'), -1)
      expect(textsOf(list)).toBe('b a c')
      moveItem(list, named(list, 'a'), -1)
      expect(textsOf(list)).toBe('a b c')
    }
  })
})

test('somebody types in an item while another one moves it: both is kept, and nothing is there twice', () => {
  const { doc, list } = listOf('a', 'b')
  const written = addItem(list, {})
  ;(written.get('text') as Y.Text).insert(0, 'c')
  const other = new Y.Doc()
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  const there = other.getArray<Y.Map<unknown>>('agenda')
  moveItem(there, named(there, 'c'), -1)
  ;(written.get('text') as Y.Text).insert(1, '!')
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
  expect([textsOf(list), textsOf(there)]).toEqual(['a c! b', 'a c! b'])
})

test('what other clients wrote that is no text and no number does no harm', () => {
  const { list } = listOf()
  list.push([new Y.Map<unknown>(Object.entries({ text: 7, order: 'first' }))])
  expect(itemsIn(list).map((item) => fieldOf(item, 'text'))).toEqual([''])
})
