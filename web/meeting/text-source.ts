import * as Y from 'yjs'
import { fieldOf } from './item-list.ts'
import { LOCAL } from './shared-doc.ts'
import type { TextEdit } from './text-edit.ts'

/** A shared text as a field of the page sees it. */
export interface TextSource {
  read: () => string
  edit: (edit: TextEdit) => void
  /** Calls back after every change; what it returns ends that. */
  observe: (listener: () => void) => () => void
}

/** The text itself. */
export function sourceOf(text: Y.Text): TextSource {
  return {
    read: () => text.toJSON(),
    edit: (edit) => text.doc?.transact(() => write(text, edit), LOCAL),
    observe: (listener) => {
      text.observe(listener)
      return () => text.unobserve(listener)
    },
  }
}

/** The text of an item. Where another client wrote plain text it becomes a shared one with the first edit. */
export function itemSource(item: Y.Map<unknown>, name: string): TextSource {
  return {
    read: () => fieldOf(item, name),
    edit: (edit) =>
      item.doc?.transact(() => {
        const value = item.get(name)
        if (value instanceof Y.Text) return write(value, edit)
        const text = new Y.Text(fieldOf(item, name))
        item.set(name, text)
        write(text, edit)
      }, LOCAL),
    observe: (listener) => {
      item.observeDeep(listener)
      return () => item.unobserveDeep(listener)
    },
  }
}

function write(text: Y.Text, { index, remove, insert }: TextEdit): void {
  if (remove > 0) text.delete(index, remove)
  if (insert !== '') text.insert(index, insert)
}
