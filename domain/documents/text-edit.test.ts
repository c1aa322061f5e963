import { describe, expect, test } from 'vitest'
import { textEdit } from './text-edit.ts'

describe('The edit between two texts', () => {
  test('leaves what they have in common at both ends', () => {
    expect(textEdit('Budget 2026 talk', 'Budget 2027 talk')).toEqual({ index: 10, remove: 1, insert: '7' })
    expect(textEdit('aa', 'aaa')).toEqual({ index: 2, remove: 0, insert: 'a' })
    expect(textEdit('abc', '')).toEqual({ index: 0, remove: 3, insert: '' })
    expect(textEdit('same', 'same')).toBeUndefined()
  })

  test('never cuts a character in two', () => {
    // 😀 and 😁 share their first half, 😀 and 🐀 their last.
    expect(textEdit('a😀b', 'a😁b')).toEqual({ index: 1, remove: 2, insert: '😁' })
    expect(textEdit('a\u{1f600}b', 'a\u{1fa00}b')).toEqual({ index: 1, remove: 2, insert: '\u{1fa00}' })
  })

  test('leads from one to the other, whatever they are', () => {
    const texts = ['', 'a', 'ab', 'aba', 'abab', '😀', '😀😀', 'a😀', '😁a', 'b😀b', 'b😁b']
    for (const from of texts) {
      for (const to of texts) {
        const { index, remove, insert } = textEdit(from, to) ?? { index: 0, remove: 0, insert: '' }
        expect(from.slice(0, index) + insert + from.slice(index + remove)).toBe(to)
      }
    }
  })
})
