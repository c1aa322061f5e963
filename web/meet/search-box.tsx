import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Answer } from '../client/contract.ts'

interface SearchBoxProps<T> {
  label: string
  placeholder: string
  find: (text: string) => Promise<Answer<readonly T[]>>
  keyOf: (item: T) => string
  wordsOf: (item: T) => { name: string; note: string }
  onPick: (item: T) => void
}

/** Long enough that a name typed at once is one question. */
const QUIET_MS = 150
const MAX_SHOWN = 8

/** A field that finds something by its name: arrow keys choose, Enter takes, Escape closes (ARIA's combobox with a list). */
export function SearchBox<T>({ label, placeholder, find, keyOf, wordsOf, onPick }: SearchBoxProps<T>) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [answer, setAnswer] = useState<Answer<readonly T[]>>()
  const [active, setActive] = useState(0)
  useEffect(() => {
    if (text.trim() === '') {
      setAnswer(undefined)
      return
    }
    let isWanted = true
    const look = async () => {
      const next = await find(text.trim())
      if (!isWanted) return
      setAnswer(next)
      setActive(0)
    }
    const timer = setTimeout(() => void look(), QUIET_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [text])
  const take = (item: T | undefined) => {
    if (item === undefined) return
    onPick(item)
    setText('')
    input.current?.focus()
  }
  const found = answer?.ok ? answer.value.slice(0, MAX_SHOWN) : undefined
  const isOpen = answer !== undefined
  const keys = (event: KeyboardEvent) => {
    const count = found?.length ?? 0
    if (event.key === 'ArrowDown' && count > 0) setActive((active + 1) % count)
    else if (event.key === 'ArrowUp' && count > 0) setActive((active + count - 1) % count)
    else if (event.key === 'Enter') take(found?.[active])
    else if (event.key === 'Escape' && isOpen) setText('')
    else return
    event.preventDefault()
  }
  const chosen = found?.[active]
  return (
    <div class="search">
      <label class="unseen" for={`${id}-input`}>
        {label}
      </label>
      <input
        ref={input}
        id={`${id}-input`}
        class="input"
        role="combobox"
        autocomplete="off"
        aria-expanded={found !== undefined}
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen && `${id}-${keyOf(chosen)}`}
        placeholder={placeholder}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={keys}
        onBlur={() => setText('')}
      />
      <ul id={`${id}-list`} class="search-list" role="listbox" aria-label={label} hidden={found === undefined}>
        {found?.map((item, i) => (
          <li
            key={keyOf(item)}
            id={`${id}-${keyOf(item)}`}
            role="option"
            aria-selected={i === active}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault()
              take(item)
            }}
          >
            {wordsOf(item).name} <span class="soft small">{wordsOf(item).note}</span>
          </li>
        ))}
      </ul>
      <p class={answer?.ok === false ? 'search-note small problem' : 'unseen'} role="status">
        {answer === undefined ? '' : answer.ok ? foundWords(answer.value.length) : answer.problem.detail}
      </p>
    </div>
  )
}

function foundWords(count: number): string {
  if (count > MAX_SHOWN) return `More than ${MAX_SHOWN} found: these are the first ${MAX_SHOWN}.`
  return count === 0 ? 'Nothing found.' : `${count} found.`
}
