import * as Y from 'yjs'
import { notesSchema } from './notes-schema.ts'

/** The origin of repairs, which are nobody's to undo. */
const REPAIR = 'repair'

/**
 * Takes out of the notes what another client wrote and the editor's binding could not bear: text outside of any block stops it,
 * and a mark it does not know costs the text that has it. To be called before the editor is bound, so that of each change this
 * hears first. What it returns ends it.
 */
export function keepToSchema(notes: Y.XmlFragment): () => void {
  const repair = (work: () => void) => notes.doc?.transact(work, REPAIR)
  const look = (events: Y.YEvent<Y.XmlText>[]) =>
    repair(() => {
      dropLooseText(notes)
      for (const { target, changes } of events) {
        if ((target as unknown) instanceof Y.XmlText) stripMarks(target)
        for (const { content } of changes.added) if (content instanceof Y.ContentType) stripAll(content.type)
      }
    })
  repair(() => {
    dropLooseText(notes)
    stripAll(notes)
  })
  notes.observeDeep(look as unknown as Parameters<Y.XmlFragment['observeDeep']>[0])
  return () => notes.unobserveDeep(look as unknown as Parameters<Y.XmlFragment['observeDeep']>[0])
}

function dropLooseText(notes: Y.XmlFragment): void {
  for (const [index, node] of [...notes.toArray().entries()].toReversed()) {
    if (!(node instanceof Y.XmlElement)) notes.delete(index, 1)
  }
}

function stripAll(type: unknown): void {
  if (type instanceof Y.XmlText) stripMarks(type)
  else if (type instanceof Y.XmlFragment) for (const child of type.toArray()) stripAll(child)
}

function stripMarks(text: Y.XmlText): void {
  let index = 0
  for (const { insert, attributes = {} } of text.toDelta() as Piece[]) {
    const length = typeof insert === 'string' ? insert.length : 1
    const unknown = Object.keys(attributes).filter((name) => !isKnown(name))
    if (unknown.length > 0) text.format(index, length, Object.fromEntries(unknown.map((name) => [name, null])))
    index += length
  }
}

interface Piece {
  insert: unknown
  attributes?: Record<string, unknown>
}

/** Marks of one kind that overlap are told apart by a hash behind the name (y-prosemirror). */
function isKnown(name: string): boolean {
  return Object.hasOwn(notesSchema.marks, name.replace(/--[a-zA-Z0-9+/=]{8}$/, ''))
}
