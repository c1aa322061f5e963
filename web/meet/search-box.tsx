import { useEffect, useId, useRef, useState } from 'preact/hooks'

interface SearchBoxProps<T> {
  label: string
  placeholder: string
  find: (text: string) => Promise<readonly T[]>
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
  const [found, setFound] = useState<readonly T[]>()
  const [active, setActive] = useState(0)
  useEffect(() => {
    if (text.trim() === '') {
      setFound(undefined)
      return
    }
    let isWanted = true
    const timer = setTimeout(
      () =>
        void find(text.trim()).then((items) => {
          if (!isWanted) return
          setFound(items.slice(0, MAX_SHOWN))
          setActive(0)
        }),
      QUIET_MS,
    )
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
  const isOpen = found !== undefined
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
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen && `${id}-${keyOf(chosen)}`}
        placeholder={placeholder}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={keys}
        onBlur={() => setText('')}
      />
      <ul id={`${id}-list`} class="search-list" role="listbox" aria-label={label} hidden={!isOpen}>
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
      <p class="unseen" role="status">
        {isOpen ? (found.length === 0 ? 'Nothing found.' : `${found.length} found.`) : ''}
      </p>
    </div>
  )
}
