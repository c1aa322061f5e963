import type { Plugin } from 'prosemirror-state'
import type { DecorationAttrs } from 'prosemirror-view'
import { yCursorPlugin } from 'y-prosemirror'
import type { Awareness } from 'y-protocols/awareness'
import { INK, inkStyle } from './person-ink.ts'
import { whoIs } from './presence.ts'

/** Names on cursors, in the colours that people have in the whole page. */
export function cursors(awareness: Awareness): Plugin {
  return yCursorPlugin(awareness, { cursorBuilder: cursorOf, selectionBuilder: selectionOf }) as Plugin
}

function cursorOf(user: unknown): HTMLElement {
  const person = whoIs(user)
  const cursor = document.createElement('span')
  cursor.className = 'cursor'
  cursor.style.setProperty(INK, inkStyle(person?.ink ?? 0)[INK])
  // The list of who is here says it to screen readers.
  cursor.setAttribute('aria-hidden', 'true')
  const name = document.createElement('span')
  name.className = 'cursor-name'
  name.textContent = person?.name ?? 'Somebody'
  // The widget needs text around the name for the caret of the browser to stay where it is.
  cursor.append('\u2060', name, '\u2060')
  return cursor
}

function selectionOf(user: unknown): DecorationAttrs {
  // Set through the style's own text, which is no attribute.
  return { class: 'selected', style: `${INK}: ${inkStyle(whoIs(user)?.ink ?? 0)[INK]}` }
}
