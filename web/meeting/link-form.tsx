import type { EditorView } from 'prosemirror-view'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Field } from '../ui/field.tsx'
import { isLinked, removeLink, setLink } from './notes-commands.ts'
import { linkOf } from './notes-schema.ts'

interface LinkFormProps {
  view: EditorView
  onClose: () => void
}

/** Asks where the selection is to lead. */
export function LinkForm({ view, onClose }: LinkFormProps) {
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector('input')?.focus(), [])
  const apply = () => {
    const href = linkOf(typed)
    if (href === undefined) {
      setFault('A link begins with https://, http:// or mailto:.')
      return
    }
    setLink(href)(view.state, view.dispatch)
    onClose()
  }
  return (
    <form
      ref={form}
      class="link-form"
      aria-label="Link"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        apply()
      }}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <Field label="Address" fault={fault}>
        {(tie) => (
          <input
            {...tie}
            type="url"
            autocomplete="off"
            placeholder="https://"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" class="button">
        Set link
      </button>
      {isLinked(view.state) && (
        <button
          type="button"
          class="button-quiet"
          onClick={() => {
            removeLink(view.state, view.dispatch)
            onClose()
          }}
        >
          Remove link
        </button>
      )}
      <button type="button" class="button-quiet" onClick={onClose}>
        Cancel
      </button>
    </form>
  )
}
