import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  label: string
  /** What is wrong with it, as a sentence. */
  fault?: string | undefined
  hint?: string | undefined
  /** The control, given what ties it to its label and its message. */
  children: (tie: FieldTie) => ComponentChildren
}

export interface FieldTie {
  id: string
  'aria-describedby': string
  'aria-invalid': boolean
}

/** A labelled control with room for one line below it, so that a message moves nothing. */
export function Field({ label, fault, hint, children }: FieldProps) {
  const id = useId()
  const noteId = `${id}-note`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': noteId, 'aria-invalid': fault !== undefined })}
      <p id={noteId} class={fault === undefined ? 'field-note' : 'field-note field-fault'}>
        {fault ?? hint ?? ''}
      </p>
    </div>
  )
}
