import { describe, expect, test } from 'vitest'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { AwarenessBook } from './awareness-book.ts'

const isOwn = (owner: string) => !owner.startsWith('node:')

describe('The book of who is there', () => {
  test('tells others what one says, and takes it back when his connection ends', () => {
    const [ana, ben] = [person('Ana'), person('Ben')]
    const book = new AwarenessBook()
    book.take(said(ana), 'connection-a', 0)
    hear(ben, book.drain())
    expect(names(ben)).toEqual(['Ana', 'Ben'])
    book.forget('connection-a', 1)
    hear(ben, book.drain())
    expect([names(ben), book.size]).toEqual([['Ben'], 0])
    end(ana, ben)
  })

  test('an echo of others owns nothing, and a late one brings nobody back', () => {
    const [ana, ben] = [person('Ana'), person('Ben')]
    const book = new AwarenessBook()
    book.take(said(ana), 'connection-a', 0)
    const update = book.drain()
    hear(ben, update)
    book.take(update!, 'connection-b', 1)
    expect(book.hasNews).toBe(false)
    book.forget('connection-a', 2)
    book.drain()
    book.take(update!, 'connection-b', 3)
    expect([book.size, book.hasNews]).toEqual([0, false])
    // He himself, with his next word, is back.
    ana.setLocalStateField('cursor', 1)
    book.take(said(ana), 'connection-c', 4)
    hear(ben, book.drain())
    expect(names(ben)).toEqual(['Ana', 'Ben'])
    end(ana, ben)
  })

  test('nobody says of another that he left', () => {
    const ana = person('Ana')
    const book = new AwarenessBook()
    book.take(said(ana), 'connection-a', 0)
    const states = new Map<number, never>()
    book.take(encodeAwarenessUpdate(ana, [ana.clientID], states), 'connection-b', 1)
    expect(book.size).toBe(1)
    end(ana)
  })

  test('goes to other nodes once, and what a silent node said goes with it', () => {
    const ana = person('Ana')
    const [here, there] = [new AwarenessBook(), new AwarenessBook()]
    here.take(said(ana), 'connection-a', 0)
    there.take(here.drainForNodes()!, 'node:1', 0, true)
    expect([there.drain(), there.drainForNodes()]).toEqual([expect.any(Uint8Array), undefined])
    expect([there.all(isOwn), there.owners()]).toEqual([undefined, new Set(['node:1'])])
    there.forget('node:1', 1, true)
    expect([there.size, there.drainForNodes()]).toEqual([0, undefined])
    end(ana)
  })

  test('one connection fills only so much of it, and what does not parse is refused', () => {
    const book = new AwarenessBook()
    const many = Array.from({ length: 40 }, (_, i) => person(`P${i}`))
    for (const one of many) book.take(said(one), 'connection-a', 0)
    expect(book.size).toBe(16)
    expect(() => book.take(new Uint8Array([1, 5, 1, 1, 120]), 'connection-b', 0)).toThrow()
    expect(() => book.take(new Uint8Array([3, 5]), 'connection-b', 0)).toThrow()
    end(...many)
  })
})

function person(name: string): Awareness {
  const awareness = new Awareness(new Y.Doc())
  awareness.setLocalState({ name })
  return awareness
}

function said(one: Awareness): Uint8Array {
  return encodeAwarenessUpdate(one, [one.clientID])
}

function hear(one: Awareness, update: Uint8Array | undefined): void {
  if (update !== undefined) applyAwarenessUpdate(one, update, 'peer')
}

function names(one: Awareness): string[] {
  return Array.from(one.getStates().values(), (state) => String(state['name'])).toSorted()
}

function end(...all: Awareness[]): void {
  for (const one of all) one.destroy()
}
