import { describe, expect, test } from 'vitest'
import { type TextEdit, moved, rebased, textEdit } from './text-edit.ts'

function applied(text: string, { index, remove, insert }: TextEdit): string {
  return text.slice(0, index) + insert + text.slice(index + remove)
}

describe('the edit between two texts', () => {
  test('is where the caret says that somebody typed', () => {
    expect(textEdit('aaaa', 'aaaaa', 2)).toEqual({ index: 1, remove: 0, insert: 'a' })
    expect(textEdit('aaaa', 'aaaaa', 5)).toEqual({ index: 4, remove: 0, insert: 'a' })
    expect(textEdit('Budget 2026 talk', 'Budget 2027 talk', 11)).toEqual({ index: 10, remove: 1, insert: '7' })
    expect(textEdit('same', 'same')).toBeUndefined()
  })

  test('never cuts a character in two', () => {
    expect(textEdit('a😀b', 'a😁b')).toEqual({ index: 1, remove: 2, insert: '😁' })
    expect(textEdit('a\u{1f600}b', 'a\u{1fa00}b')).toEqual({ index: 1, remove: 2, insert: '\u{1fa00}' })
  })

  test('leads from one to the other, whatever they are and wherever the caret is', () => {
    const texts = ['', 'a', 'ab', 'aba', 'abab', '😀', '😀😀', 'a😀', '😁a', 'b😀b', 'b😁b']
    for (const from of texts) {
      for (const to of texts) {
        for (let caret = 0; caret <= to.length; caret += 1) {
          const edit = textEdit(from, to, caret) ?? { index: 0, remove: 0, insert: '' }
          expect(applied(from, edit)).toBe(to)
        }
      }
    }
  })
})

describe('what others edit meanwhile', () => {
  test('moves a caret behind it, and no caret before it or at it', () => {
    const inserted = { index: 3, remove: 0, insert: 'xy' }
    expect([2, 3, 4].map((position) => moved(position, inserted))).toEqual([2, 3, 6])
    const cut = { index: 2, remove: 4, insert: '-' }
    expect([2, 4, 6, 8].map((position) => moved(position, cut))).toEqual([2, 3, 3, 5])
  })

  test('leaves both edits in the text', () => {
    const text = 'one two three'
    const mine = textEdit(text, 'one 2 three') as TextEdit
    const theirs = textEdit(text, 'Zero, one two three') as TextEdit
    expect(applied(applied(text, theirs), rebased(mine, [theirs]))).toBe('Zero, one 2 three')
  })

  test('does not remove twice what both removed', () => {
    const text = 'abcdef'
    const mine = { index: 1, remove: 4, insert: 'X' }
    const theirs = { index: 2, remove: 2, insert: '' }
    expect(applied(applied(text, theirs), rebased(mine, [theirs]))).toBe('aXf')
  })
})
