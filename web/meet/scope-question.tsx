import { useEffect, useId, useRef } from 'preact/hooks'
import type { Scope } from './shapes.ts'

interface ScopeQuestionProps {
  /** What is about to happen, as a question. */
  question: string
  onChoose: (scope: Scope) => void
  onCancel: () => void
}

const CHOICES: readonly [Scope, string][] = [
  ['this', 'Only this one'],
  ['following', 'This and the following'],
  ['all', 'All of the series'],
]

/** Asks how far a change of a series goes. The browser keeps the focus inside and gives it back; Escape changes nothing. */
export function ScopeQuestion({ question, onChoose, onCancel }: ScopeQuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const chosen = useRef<Scope | undefined>(undefined)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])
  const choose = (scope: Scope) => {
    chosen.current = scope
    dialog.current?.close()
  }
  return (
    <dialog
      ref={dialog}
      class="question"
      aria-labelledby={id}
      onClose={() => (chosen.current === undefined ? onCancel() : onChoose(chosen.current))}
    >
      <h2 id={id}>{question}</h2>
      <div class="question-choices">
        {CHOICES.map(([scope, words]) => (
          <button key={scope} type="button" class="button" onClick={() => choose(scope)}>
            {words}
          </button>
        ))}
        <button type="button" class="button-quiet" onClick={() => dialog.current?.close()}>
          Change nothing
        </button>
      </div>
    </dialog>
  )
}
