import * as Y from 'yjs'
import { SEARCH_MAX, legalDescription, projectedTitle } from '../../domain/documents/schema.ts'

export interface DocContent {
  /** undefined: there is nothing to read in it. */
  title: string | undefined
  description: string
  /** Everything a person can read in it, a line each. */
  searchText: string
}

export function contentOf(doc: Y.Doc): DocContent {
  const title = projectedTitle(doc.getText('title').toJSON())
  const description = legalDescription(doc.getText('description').toJSON())
  const lines = [
    title ?? '',
    description,
    ...textsOf(doc.getArray('agenda')),
    ...linesOf(doc.getXmlFragment('notes')),
    ...textsOf(doc.getArray('actions')),
  ]
  const text = lines.filter((line) => line.trim() !== '').join('\n')
  return { title, description, searchText: text.replaceAll('\0', '').slice(0, SEARCH_MAX).toWellFormed() }
}

/** What people write into items; the rest is ids and states. */
const WRITTEN = ['title', 'text', 'description', 'notes']

function textsOf(items: Y.Array<unknown>): string[] {
  return items.toArray().flatMap((item) => {
    if (!(item instanceof Y.Map)) return []
    return WRITTEN.flatMap((key) => {
      const value: unknown = item.get(key)
      if (typeof value === 'string') return [value]
      return value instanceof Y.Text ? [plainText(value)] : []
    })
  })
}

/** One line per block of text. */
function linesOf(parent: Y.XmlFragment): string[] {
  const lines: string[] = []
  let line = ''
  for (const node of parent.toArray()) {
    if (node instanceof Y.XmlText) line += plainText(node)
    else if (node instanceof Y.XmlElement) lines.push(...linesOf(node))
  }
  return line === '' ? lines : [line, ...lines]
}

function plainText(text: Y.Text): string {
  return (text.toDelta() as { insert: unknown }[])
    .map(({ insert }) => (typeof insert === 'string' ? insert : ''))
    .join('')
}
