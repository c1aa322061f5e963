import * as Y from 'yjs'
import { textEdit } from '../../domain/documents/text-edit.ts'
import { mergeLevelled } from './merge-updates.ts'

/** When and where the meeting or occurrence is, as its document shows it. Instants are ISO 8601. */
export interface DocSchedule {
  start: string
  end: string
  timezone: string
  rooms: { id: string; name: string }[]
  status: string
}

/** The document as a tree in memory. Deleted text is gone from it. */
export function openYDoc(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  if (updates.length > 0) Y.applyUpdate(doc, mergeLevelled(updates))
  return doc
}

/** What `change` does to it, as an update; undefined when that is nothing. */
export function captureUpdate(doc: Y.Doc, change: () => void): Uint8Array | undefined {
  const updates: Uint8Array[] = []
  const keep = (update: Uint8Array) => updates.push(update)
  doc.on('update', keep)
  doc.transact(change)
  doc.off('update', keep)
  return updates.length === 0 ? undefined : mergeLevelled(updates)
}

/** The first state of a document: made once, by whoever holds the meeting's lock. */
export function initialUpdate(given: { title: string; description: string; schedule: DocSchedule }): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('title').insert(0, given.title)
  doc.getText('description').insert(0, given.description)
  setSchedule(doc, given.schedule)
  const update = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return update
}

/** Makes the text exactly `to`, by the smallest edit. */
export function setText(text: Y.Text, to: string): void {
  const from = text.toJSON()
  // Embedded things count in positions but not in the string.
  const edit = text.length === from.length ? textEdit(from, to) : { index: 0, remove: text.length, insert: to }
  if (edit === undefined) return
  text.delete(edit.index, edit.remove)
  text.insert(edit.index, edit.insert, {})
}

/** Writes what differs, and takes out what does not belong there. */
export function setSchedule(doc: Y.Doc, schedule: DocSchedule): void {
  const map = doc.getMap('schedule')
  for (const key of map.keys()) if (!(key in schedule)) map.delete(key)
  for (const [key, value] of Object.entries(schedule)) {
    if (JSON.stringify(map.get(key)) !== JSON.stringify(value)) map.set(key, value)
  }
}
