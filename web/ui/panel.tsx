import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface PanelProps {
  title: string
  onClose: () => void
  children: (close: () => void) => ComponentChildren
}

/**
 * A modal panel at the side of the page. The browser keeps the focus inside, closes it on Escape and gives the focus
 * back to where it came from.
 */
export function Panel({ title, onClose, children }: PanelProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    dialog.current?.showModal()
    dialog.current?.querySelector('input')?.focus()
  }, [])
  const close = () => dialog.current?.close()
  return (
    <dialog ref={dialog} class="panel" aria-labelledby={titleId} onClose={onClose}>
      <header class="panel-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="button-quiet" onClick={close}>
          Close
        </button>
      </header>
      {children(close)}
    </dialog>
  )
}
