import * as Y from 'yjs'
import {
  LIST_MAX,
  NOTE_ELEMENTS,
  NOTE_MARKS,
  ROOTS,
  isSafeLink,
  legalDescription,
  legalTitle,
} from '../../domain/documents/schema.ts'
import { type DocSchedule, captureUpdate, setSchedule, setText } from './yjs-doc.ts'

/** Deeper than any list a person indents. */
const MAX_DEPTH = 40

export interface DocTruth {
  /** Put back where the document has none; undefined: an empty title may stay for now (somebody may be typing a new one). */
  emptyTitle: string | undefined
  schedule: DocSchedule
}

/**
 * Takes out of the document what its schema forbids and brings in what only the server writes. Answers the update that did
 * it, to be stored like anybody's; undefined when the document is in order.
 */
export function repairDoc(doc: Y.Doc, truth: DocTruth): Uint8Array | undefined {
  return captureUpdate(doc, () => {
    emptyForeignRoots(doc)
    const title = doc.getText('title')
    const legal = legalTitle(title.toJSON())
    setText(title, legal.trim() === '' && truth.emptyTitle !== undefined ? truth.emptyTitle : legal)
    const description = doc.getText('description')
    setText(description, legalDescription(description.toJSON()))
    keepMaps(doc.getArray('agenda'))
    keepMaps(doc.getArray('actions'))
    cleanNotes(doc.getXmlFragment('notes'), 0)
    setSchedule(doc, truth.schedule)
  })
}

type AnyType = Y.AbstractType<unknown>

function emptyForeignRoots(doc: Y.Doc): void {
  for (const [name, type] of doc.share as unknown as Map<string, AnyType>) {
    const kind = Object.hasOwn(ROOTS, name) ? ROOTS[name as keyof typeof ROOTS] : undefined
    if (kind !== 'map') dropKeys(type)
    if ((kind === undefined || kind === 'map') && type._length > 0) dropList(type, 0, type._length)
  }
}

/** A root is whatever clients wrote into it, keys and list alike; the methods of Y.Map and Y.Array work on any type. */
function dropKeys(type: AnyType): void {
  for (const [key, item] of type._map) if (!item.deleted) Y.Map.prototype.delete.call(type, key)
}

function dropList(type: AnyType, index: number, length: number): void {
  Y.Array.prototype.delete.call(type, index, length)
}

function keepMaps(list: Y.Array<unknown>): void {
  if (list.length > LIST_MAX) list.delete(LIST_MAX, list.length - LIST_MAX)
  for (const [index, item] of [...list.toArray().entries()].toReversed()) {
    if (!(item instanceof Y.Map)) list.delete(index, 1)
  }
}

function cleanNotes(parent: Y.XmlFragment, depth: number): void {
  for (const [index, node] of [...parent.toArray().entries()].toReversed()) {
    if (node instanceof Y.XmlText && depth > 0) cleanText(node)
    else if (node instanceof Y.XmlElement && Object.hasOwn(NOTE_ELEMENTS, node.nodeName) && depth < MAX_DEPTH) {
      const allowed = NOTE_ELEMENTS[node.nodeName] as readonly string[]
      for (const name of Object.keys(node.getAttributes())) if (!allowed.includes(name)) node.removeAttribute(name)
      cleanNotes(node, depth + 1)
    } else if (node instanceof Y.XmlText) cleanText(node)
    else parent.delete(index, 1)
  }
}

function cleanText(text: Y.XmlText): void {
  for (const name of Object.keys(text.getAttributes())) text.removeAttribute(name)
  let index = 0
  for (const piece of text.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[]) {
    if (typeof piece.insert !== 'string') {
      text.delete(index, 1)
      continue
    }
    const unwanted = Object.entries(piece.attributes ?? {}).filter(([name, value]) => !isAllowedMark(name, value))
    if (unwanted.length > 0) {
      text.format(index, piece.insert.length, Object.fromEntries(unwanted.map(([name]) => [name, null])))
    }
    index += piece.insert.length
  }
}

function isAllowedMark(name: string, value: unknown): boolean {
  // Marks of one kind that overlap are told apart by a hash behind the name (y-prosemirror).
  const mark = name.replace(/--[\w+/=]+$/, '')
  if (!NOTE_MARKS.includes(mark)) return false
  return mark !== 'link' || isSafeLink((value as { href?: unknown } | null)?.href)
}
