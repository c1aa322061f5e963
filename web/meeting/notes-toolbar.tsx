import type { EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { useRef, useState } from 'preact/hooks'
import { TOOLS, type Tool, isLinked } from './notes-commands.ts'

interface NotesToolbarProps {
  view: EditorView
  state: EditorState
  isLinking: boolean
  onLink: () => void
}

/** One stop of the Tab key; arrows lead from button to button (ARIA APG, toolbar). */
export function NotesToolbar({ view, state, isLinking, onLink }: NotesToolbarProps) {
  const bar = useRef<HTMLDivElement>(null)
  const [current, setCurrent] = useState(0)
  const buttons = () => [...(bar.current?.querySelectorAll('button') ?? [])]
  const go = (event: KeyboardEvent) => {
    const all = buttons()
    const next = { ArrowRight: current + 1, ArrowLeft: current - 1 + all.length, Home: 0, End: all.length - 1 }[
      event.key
    ]
    if (next === undefined) return
    event.preventDefault()
    setCurrent(next % all.length)
    all[next % all.length]?.focus()
  }
  const link: Tool = {
    name: 'Link',
    sign: '🔗',
    shortcut: 'Ctrl+K',
    isOn: (now) => isLinking || isLinked(now),
    run: () => (onLink(), true),
  }
  let index = 0
  return (
    <div ref={bar} class="toolbar" role="toolbar" aria-label="Formatting" onKeyDown={go}>
      {TOOLS.map((tools, group) => (
        <span key={group} class="toolbar-group">
          {[...tools, ...(group === 0 ? [link] : [])].map((tool) => {
            const place = index++
            return (
              <button
                key={tool.name}
                type="button"
                class="tool"
                data-tool={tool.name}
                aria-label={tool.name}
                aria-pressed={tool.isOn?.(state)}
                aria-disabled={tool === link ? undefined : !tool.run(state)}
                title={`${tool.name} (${tool.shortcut})`}
                tabIndex={place === current ? 0 : -1}
                // The selection stays where it is.
                onMouseDown={(event) => event.preventDefault()}
                onFocus={() => setCurrent(place)}
                onClick={(event) => {
                  tool.run(view.state, view.dispatch, view)
                  // By mouse the writing goes on; by keyboard the next button may be wanted.
                  if (event.detail > 0 && tool !== link) view.focus()
                }}
              >
                {tool === link ? <LinkSign /> : tool.sign}
              </button>
            )
          })}
        </span>
      ))}
    </div>
  )
}

function LinkSign() {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d="M6.5 9.5l3-3M7 5l1.5-1.5a2.5 2.5 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.5 2.5 0 0 1-4-4L5 7" />
    </svg>
  )
}
