import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type Item, type ItemList, addItem, itemsIn, keyOf, moveItem, removeItem } from './item-list.ts'
import { ItemRow, type ListActions } from './item-row.tsx'
import type { SharedDoc } from './shared-doc.ts'
import { useDeep } from './use-deep.ts'

interface ItemPartProps {
  shared: SharedDoc
  list: ItemList
  isReadOnly: boolean
  title: string
  /** At the right of the title. */
  aside?: ComponentChildren
  /** What one of them is called. */
  noun: string
  empty: string
  placeholder: string
  doneWords: string
  children: (item: Item, actions: ListActions) => ComponentChildren
}

/** A list that people write together. The focus follows what was added, moved or deleted, and each step is announced. */
export function ItemPart({ shared, list, isReadOnly, title, aside, noun, ...words }: ItemPartProps) {
  useDeep(list)
  const part = useRef<HTMLElement>(null)
  const [said, setSaid] = useState('')
  const [wanted, setWanted] = useState<number>()
  const items = itemsIn(list)
  const texts = () => [...(part.current?.querySelectorAll<HTMLInputElement>('.item-text') ?? [])]
  const place = (item: Item) => itemsIn(list).indexOf(item)
  // Before the next key: it is typed into the new one.
  useLayoutEffect(() => {
    if (wanted === undefined) return
    const index = items.findIndex((item) => keyOf(item) === wanted)
    texts()[index]?.focus()
    setWanted(undefined)
  }, [wanted])
  const actions: ListActions = {
    write: (change) => shared.write(change),
    add: (behind) =>
      shared.write(() => {
        setWanted(keyOf(addItem(list, { done: false }, behind)))
      }),
    move: (item, by) => {
      shared.write(() => void moveItem(list, item, by))
      setSaid(`${noun} ${place(item) + 1} of ${items.length}`)
      // A row that is put elsewhere in the page may lose the focus.
      setWanted(document.activeElement?.classList.contains('item-text') ? keyOf(item) : undefined)
    },
    remove: (item) => {
      const index = place(item)
      const next = items[index + 1] ?? items[index - 1]
      shared.write(() => removeItem(list, item))
      setSaid(`${noun} deleted`)
      if (next !== undefined) setWanted(keyOf(next))
      else part.current?.querySelector<HTMLButtonElement>('.item-add')?.focus()
    },
  }
  const titleId = `${title.toLowerCase()}-title`
  return (
    <section ref={part} class="part" aria-labelledby={titleId} data-part={title}>
      <div class="part-head">
        <h2 id={titleId}>{title}</h2>
        {aside}
      </div>
      {items.length === 0 && <p class="soft small">{words.empty}</p>}
      <ol class="items">
        {items.map((item, index) => (
          <ItemRow
            key={keyOf(item)}
            {...{ item, isReadOnly, actions }}
            label={`${noun} ${index + 1} of ${items.length}`}
            placeholder={words.placeholder}
            doneWords={words.doneWords}
          >
            {words.children(item, actions)}
          </ItemRow>
        ))}
      </ol>
      {!isReadOnly && (
        <button type="button" class="button-quiet item-add" onClick={() => actions.add()}>
          + Add {noun.toLowerCase()}
        </button>
      )}
      <p class="unseen" role="status">
        {said}
      </p>
    </section>
  )
}
