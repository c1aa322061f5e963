import { describe, expect, test } from 'vitest'
import { isSafeLink, linkOf, notesSchema } from './notes-schema.ts'

/** As the server has it (domain/documents/schema.ts): elements with their attributes, and marks. */
const ADMITTED = {
  elements: {
    paragraph: [],
    heading: ['level'],
    blockquote: [],
    code_block: ['params'],
    horizontal_rule: [],
    hard_break: [],
    bullet_list: [],
    ordered_list: ['order'],
    list_item: [],
  },
  marks: ['strong', 'em', 'code', 'link', 'underline', 'strike', 'ychange'],
}

describe('the schema of the notes', () => {
  test('knows everything the server admits, and makes nothing else', () => {
    const { doc: _, text: __, ...elements } = notesSchema.nodes
    expect(
      Object.fromEntries(Object.entries(elements).map(([name, { spec }]) => [name, Object.keys(spec.attrs ?? {})])),
    ).toEqual(ADMITTED.elements)
    expect(Object.keys(notesSchema.marks).toSorted()).toEqual(ADMITTED.marks.toSorted())
  })

  test('takes marks and attributes whatever they say: what does not fit would be deleted for everybody', () => {
    expect(() => notesSchema.mark('link', { title: 7 })).not.toThrow()
    expect(() => notesSchema.mark('ychange', {})).not.toThrow()
    const heading = notesSchema.node('heading', { level: 'x' }, [notesSchema.text('a')])
    expect(notesSchema.nodes['heading']?.spec.toDOM?.(heading)).toEqual(['h1', 0])
  })

  test('draws a link that may not lead anywhere as text', () => {
    const drawn = (href: unknown) => notesSchema.marks['link']?.spec.toDOM?.(notesSchema.mark('link', { href }), true)
    expect(drawn('javascript:alert(1)')).toEqual(['span', 0])
    expect(drawn('https://example.org')).toEqual(['a', expect.objectContaining({ href: 'https://example.org' }), 0])
  })
})

describe('an address', () => {
  test('is of the web or of a mailbox', () => {
    for (const href of ['https://example.org/a?b#c', 'HTTP://example.org', 'mailto:ana@example.org']) {
      expect([href, isSafeLink(href)]).toEqual([href, true])
    }
    for (const href of [
      'javascript:alert(1)',
      'java\nscript:x',
      ' https://x',
      'data:text/html,x',
      '//x',
      '',
      7,
      null,
    ]) {
      expect([href, isSafeLink(href)]).toEqual([href, false])
    }
  })

  test.each([
    [' https://example.org ', 'https://example.org'],
    ['example.org/plan', 'https://example.org/plan'],
    ['ana@example.org', 'mailto:ana@example.org'],
    ['javascript:alert(1)', undefined],
    ['plan', undefined],
    ['', undefined],
  ])('typed as %j leads to %s', (typed, href) => {
    expect(linkOf(typed)).toBe(href)
  })
})
