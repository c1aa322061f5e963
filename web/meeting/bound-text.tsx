import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { type TextEdit, moved, rebased, textEdit } from './text-edit.ts'
import type { TextSource } from './text-source.ts'

interface BoundTextProps {
  source: TextSource
  label: string
  class?: string
  placeholder?: string
  maxLength: number
  isReadOnly: boolean
  /** More than one line. */
  isLong?: boolean
  onKeyDown?: (event: KeyboardEvent) => void
}

type Field = HTMLInputElement | HTMLTextAreaElement

/**
 * A field whose text is shared. Every edit goes out as the smallest one, and what others write moves the caret along. While
 * an input method composes a character the field is left alone: what others write shows, and what is composed goes out, after.
 */
export function BoundText({ source, label, isReadOnly, isLong = false, ...rest }: BoundTextProps) {
  const field = useRef<Field>(null)
  const binding = useRef<Binding | undefined>(undefined)
  useLayoutEffect(() => {
    const bound = new Binding(field.current as Field, source)
    binding.current = bound
    return () => bound.end()
  }, [source])
  const props = {
    'aria-label': label,
    readOnly: isReadOnly,
    onInput: () => binding.current?.typed(),
    onCompositionStart: () => binding.current?.compose(),
    onCompositionEnd: () => binding.current?.composed(),
    autocomplete: 'off',
    ...rest,
  } as const
  return isLong ? (
    <textarea
      ref={field as { current: HTMLTextAreaElement | null }}
      rows={1}
      {...(props as JSX.IntrinsicElements['textarea'])}
    />
  ) : (
    <input
      ref={field as { current: HTMLInputElement | null }}
      type="text"
      {...(props as JSX.IntrinsicElements['input'])}
    />
  )
}

/** Between one field and one text. `#agreed` is what both held when they were last the same. */
class Binding {
  readonly #field: Field
  readonly #source: TextSource
  readonly #stop: () => void
  #agreed: string
  /** What others did since an input method began; undefined: none does. */
  #missed: TextEdit[] | undefined

  constructor(field: Field, source: TextSource) {
    this.#field = field
    this.#source = source
    this.#agreed = source.read()
    field.value = this.#agreed
    this.#stop = source.observe(() => this.#changed())
  }

  end(): void {
    this.#stop()
  }

  typed(): void {
    if (this.#missed !== undefined) return
    const edit = this.#edited()
    if (edit === undefined) return
    this.#agreed = this.#field.value
    this.#source.edit(edit)
  }

  compose(): void {
    this.#missed = []
  }

  composed(): void {
    const missed = this.#missed ?? []
    this.#missed = undefined
    const edit = this.#edited()
    const caret = this.#field.selectionStart ?? 0
    // As the text is by now: the agreed one with what was missed.
    this.#agreed = this.#source.read()
    const mine = edit && rebased(edit, missed)
    const at = mine === undefined ? missed.reduce(moved, caret) : mine.index + mine.insert.length
    this.#show(this.#agreed, () => at)
    if (mine === undefined) return
    this.#agreed = this.#agreed.slice(0, mine.index) + mine.insert + this.#agreed.slice(mine.index + mine.remove)
    this.#show(this.#agreed, () => at)
    this.#source.edit(mine)
  }

  #edited(): TextEdit | undefined {
    return textEdit(this.#agreed, this.#field.value, this.#field.selectionStart ?? undefined)
  }

  #changed(): void {
    const text = this.#source.read()
    if (this.#missed !== undefined) {
      const known = this.#missed.reduce(applied, this.#agreed)
      const edit = textEdit(known, text)
      if (edit !== undefined) this.#missed.push(edit)
      return
    }
    const edit = textEdit(this.#agreed, text)
    if (edit === undefined) return
    this.#agreed = text
    this.#show(text, (position) => moved(position, edit))
  }

  #show(text: string, place: (position: number) => number): void {
    const { selectionStart, selectionEnd, selectionDirection } = this.#field
    this.#field.value = text
    // Setting the selection of a field elsewhere would take the focus on some browsers.
    if (document.activeElement !== this.#field) return
    this.#field.setSelectionRange(place(selectionStart ?? 0), place(selectionEnd ?? 0), selectionDirection ?? 'none')
  }
}

function applied(text: string, { index, remove, insert }: TextEdit): string {
  return text.slice(0, index) + insert + text.slice(index + remove)
}
