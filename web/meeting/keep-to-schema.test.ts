import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { keepToSchema } from './keep-to-schema.ts'

/** Two replicas; the page's keeps to the schema, and another observer sees what the editor would. */
function pair() {
  const [page, other] = [new Y.Doc(), new Y.Doc()]
  other.on('update', (update: Uint8Array) => Y.applyUpdate(page, update, 'network'))
  page.on('update', (update: Uint8Array, origin: unknown) => origin !== 'network' && Y.applyUpdate(other, update))
  const seen: string[] = []
  const begin = () => {
    keepToSchema(page.getXmlFragment('notes'))
    page.getXmlFragment('notes').observeDeep(() => seen.push(page.getXmlFragment('notes').toJSON()))
  }
  return { page: page.getXmlFragment('notes'), other: other.getXmlFragment('notes'), seen, begin }
}

function paragraph(text: Y.XmlText): Y.XmlElement {
  const element = new Y.XmlElement('paragraph')
  element.insert(0, [text])
  return element
}

function marked(mark: string): Y.XmlText {
  const text = new Y.XmlText('kept')
  text.format(0, 4, { strong: {}, [mark]: { color: 'red' } })
  return text
}

test('a mark of another editor goes, and its text stays', () => {
  const { page, other, seen, begin } = pair()
  other.push([paragraph(marked('early'))])
  begin()
  other.push([paragraph(marked('late'))])
  const text = (other.get(1) as Y.XmlElement).get(0) as Y.XmlText
  text.format(0, 2, { later: {} })
  const kept = '<paragraph><strong>kept</strong></paragraph>'
  expect([page.toJSON(), other.toJSON()]).toEqual([kept + kept, kept + kept])
  expect(seen.every((notes) => !/early|late/.test(notes))).toBe(true)
})

test('text outside of any block is never seen by the editor', () => {
  const { page, other, seen, begin } = pair()
  other.push([new Y.XmlText('early')])
  begin()
  other.push([paragraph(new Y.XmlText('one')), new Y.XmlText('loose'), paragraph(new Y.XmlText('two'))])
  expect(page.toJSON()).toBe('<paragraph>one</paragraph><paragraph>two</paragraph>')
  expect(seen.join()).not.toContain('loose')
})

test('marks that are known stay as they are, those that overlap included', () => {
  const { page, other, begin } = pair()
  begin()
  const text = new Y.XmlText('link')
  text.format(0, 4, { link: { href: 'https://example.org' }, 'ychange--AbCdEfGh': { type: 'added' } })
  other.push([paragraph(text)])
  const [piece] = ((page.get(0) as Y.XmlElement).get(0) as Y.XmlText).toDelta() as { attributes: object }[]
  expect(Object.keys(piece?.attributes ?? {}).toSorted()).toEqual(['link', 'ychange--AbCdEfGh'])
})
