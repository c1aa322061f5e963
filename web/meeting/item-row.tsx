import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { BoundText } from './bound-text.tsx'
import { type Item, MAX_TEXT, fieldOf, isDone, setField } from './item-list.ts'
import { itemSource } from './text-source.ts'
import { useDeep } from './use-deep.ts'

/** What can be done with a list. */
export interface ListActions {
  write: (change: () => void) => void
  add: (behind?: Item) => void
  move: (item: Item, by: -1 | 1) => void
  remove: (item: Item) => void
}

interface ItemRowProps {
  item: Item
  /** What one is called: `agenda item 2 of 5`. */
  label: string
  isReadOnly: boolean
  placeholder: string
  doneWords: string
  actions: ListActions
  /** What else it has, beside its text. */
  children: ComponentChildren
}

/** One item: done or not, its text, the rest, and what can be done with it by mouse and by keyboard. */
export function ItemRow({ item, label, isReadOnly, placeholder, doneWords, actions, children }: ItemRowProps) {
  useDeep(item)
  const source = useMemo(() => itemSource(item, 'text'), [item])
  const name = fieldOf(item, 'text') || label
  return (
    <li class="item" data-done={isDone(item)}>
      <input
        type="checkbox"
        aria-label={`${doneWords}: ${name}`}
        checked={isDone(item)}
        disabled={isReadOnly}
        onChange={(event) => actions.write(() => setField(item, 'done', event.currentTarget.checked))}
      />
      <div class="item-body">
        <BoundText
          class="item-text"
          label={label}
          source={source}
          maxLength={MAX_TEXT}
          placeholder={placeholder}
          isReadOnly={isReadOnly}
          isLong
          onKeyDown={(event) => !isReadOnly && keys(event, item, actions)}
        />
        <div class="item-more">
          {children}
          {!isReadOnly && (
            <span class="item-tools">
              <Tool label={`Move up: ${name}`} sign="↑" onClick={() => actions.move(item, -1)} />
              <Tool label={`Move down: ${name}`} sign="↓" onClick={() => actions.move(item, 1)} />
              <Tool label={`Delete: ${name}`} sign="×" onClick={() => actions.remove(item)} />
            </span>
          )}
        </div>
      </div>
    </li>
  )
}

function Tool({ label, sign, onClick }: { label: string; sign: string; onClick: () => void }) {
  return (
    <button type="button" class="tool" aria-label={label} title={label} onClick={onClick}>
      {sign}
    </button>
  )
}

/** Enter: one more below. Alt and an arrow: another place. Backspace in an empty one: away. */
function keys(event: KeyboardEvent, item: Item, actions: ListActions): void {
  if (event.isComposing) return
  if (event.key === 'Enter') actions.add(item)
  else if (event.altKey && event.key === 'ArrowUp') actions.move(item, -1)
  else if (event.altKey && event.key === 'ArrowDown') actions.move(item, 1)
  else if (event.key === 'Backspace' && fieldOf(item, 'text') === '') actions.remove(item)
  else return
  event.preventDefault()
}
