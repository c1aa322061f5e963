import { baseKeymap } from 'prosemirror-commands'
import { keymap } from 'prosemirror-keymap'
import { EditorState, Plugin } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { ySyncPlugin, ySyncPluginKey, yUndoPlugin } from 'y-prosemirror'
import { cursors } from './cursors.ts'
import { NOTE_KEYS, noteRules } from './notes-commands.ts'
import { isSafeLink, notesSchema } from './notes-schema.ts'
import type { SharedDoc } from './shared-doc.ts'

interface NotesOptions {
  /** After every change of the text or the selection. */
  onChange: (state: EditorState) => void
  /** Somebody pressed the key for a link. */
  onLink: () => void
}

/** The editor of the notes, bound to the document. Undoing takes back one's own edits only. */
export function createNotes(mount: HTMLElement, shared: SharedDoc, { onChange, onLink }: NotesOptions): EditorView {
  const plugins = [
    ySyncPlugin(shared.notes) as Plugin,
    cursors(shared.awareness),
    yUndoPlugin(),
    noteRules(),
    keymap({ 'Mod-k': () => (onLink(), true) }),
    keymap(NOTE_KEYS),
    keymap(baseKeymap),
    keepMarks(),
    new Plugin({ view: () => ({ update: ({ state }) => onChange(state) }) }),
  ]
  return new EditorView(mount, {
    state: EditorState.create({ schema: notesSchema, plugins }),
    // News about cursors comes a turn later than it was heard, and the page may be gone by then.
    dispatchTransaction(this: EditorView, transaction) {
      if (!this.isDestroyed) this.updateState(this.state.apply(transaction))
    },
    transformPastedHTML: withoutStyles,
    handleClick: (view, _pos, event) => view.editable && follow(event),
  })
}

/** What a reader and what a writer may do. */
export function setReadOnly(view: EditorView, isReadOnly: boolean): void {
  view.setProps({
    editable: () => !isReadOnly,
    attributes: {
      role: 'textbox',
      'aria-multiline': 'true',
      'aria-label': 'Notes',
      'aria-readonly': String(isReadOnly),
      // Who only reads has no caret, and scrolls and selects by keyboard all the same.
      tabindex: '0',
      class: 'notes-text',
    },
  })
}

/** Bold that was switched on for the next letter stays on when somebody else's letter comes first. */
function keepMarks(): Plugin {
  return new Plugin({
    appendTransaction: (transactions, { storedMarks }, { storedMarks: left, selection, tr }) => {
      const isOthers = transactions.some(
        (one) => (one.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin === true,
      )
      return isOthers && storedMarks !== null && left === null && selection.empty
        ? tr.setStoredMarks(storedMarks)
        : null
    },
  })
}

/** The content security policy would refuse them one by one, and say so. */
function withoutStyles(html: string): string {
  return html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle=(?:"[^"]*"|'[^']*')/gi, ''))
}

/** While writing a click sets the caret; with the key for a new tab it follows. */
function follow(event: MouseEvent): boolean {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || !(event.ctrlKey || event.metaKey) || !isSafeLink(link.href)) return false
  open(link.href, '_blank', 'noopener,noreferrer')
  return true
}
