import { describe, expect, test } from 'vitest'
import { docIdOf, parseDocId } from './doc-ref.ts'
import { isSafeLink, legalDescription, legalTitle, projectedTitle } from './schema.ts'

const ID = '01935f2e-0000-7000-8000-000000000001'

describe('What a document may hold', () => {
  test('links lead to the web or to a mailbox', () => {
    for (const href of ['https://example.org/a?b#c', 'HTTP://example.org', 'mailto:ana@example.org']) {
      expect([href, isSafeLink(href)]).toEqual([href, true])
    }
    const refused = [
      'javascript:alert(1)',
      'java\nscript:alert(1)',
      ' https://x',
      'data:text/html,x',
      '//x',
      'https://a b',
      '',
      7,
    ]
    for (const href of [...refused, `https://${'x'.repeat(3_000)}`, 'vbscript:x', 'https:x']) {
      expect([href, isSafeLink(href)]).toEqual([href, false])
    }
  })

  test('a title is one line that REST would take; a space at its end may stay while somebody types', () => {
    expect(legalTitle('Budget\nof \u0000us ')).toBe('Budget of  us ')
    expect(projectedTitle('  Budget ')).toBe('Budget')
    expect(projectedTitle(' \n ')).toBeUndefined()
    expect(legalTitle(`${'x'.repeat(499)}😀`)).toBe('x'.repeat(499))
    expect(legalDescription('a\0b\ud800c\n😀')).toBe('abc\n😀')
  })

  test('is named after its meeting or occurrence, and nothing else is a name', () => {
    for (const docId of [`meeting:${ID}`, `meeting:${ID}:20261124T100000`]) {
      expect(docIdOf(parseDocId(docId)!)).toBe(docId)
    }
    for (const docId of [
      '',
      'meeting:1',
      `meeting:${ID}:`,
      `meeting:${ID}:20261324T100000`,
      `room:${ID}`,
      `meeting:${ID.toUpperCase()}x`,
    ]) {
      expect(parseDocId(docId)).toBeUndefined()
    }
  })
})
