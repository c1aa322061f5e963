import type { EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { createNotes, setReadOnly } from './create-notes.ts'
import { keepToSchema } from './keep-to-schema.ts'
import { LinkForm } from './link-form.tsx'
import { NotesToolbar } from './notes-toolbar.tsx'
import type { SharedDoc } from './shared-doc.ts'

interface NotesPartProps {
  shared: SharedDoc
  isReadOnly: boolean
}

/** The notes that everybody writes together. */
export function NotesPart({ shared, isReadOnly }: NotesPartProps) {
  const mount = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<EditorView>()
  const [state, setState] = useState<EditorState>()
  const [isLinking, setLinking] = useState(false)
  useLayoutEffect(() => {
    const end = keepToSchema(shared.notes)
    const created = createNotes(mount.current as HTMLElement, shared, {
      onChange: setState,
      onLink: () => setLinking(true),
    })
    setReadOnly(created, isReadOnly)
    setView(created)
    setState(created.state)
    return () => {
      created.destroy()
      end()
    }
  }, [shared])
  useEffect(() => {
    if (view === undefined) return
    setReadOnly(view, isReadOnly)
    if (isReadOnly) setLinking(false)
  }, [view, isReadOnly])
  const close = () => {
    setLinking(false)
    view?.focus()
  }
  return (
    <section class="part notes" aria-labelledby="notes-title" data-part="Notes">
      <div class="part-head">
        <h2 id="notes-title">Notes</h2>
      </div>
      {view && state && !isReadOnly && (
        <NotesToolbar view={view} state={state} isLinking={isLinking} onLink={() => setLinking(!isLinking)} />
      )}
      {view && isLinking && !isReadOnly && <LinkForm view={view} onClose={close} />}
      <div ref={mount} class="notes-mount" />
    </section>
  )
}
