import { ItemPart } from './item-part.tsx'
import { isDone, itemsIn, numberOf, setField } from './item-list.ts'
import type { SharedDoc } from './shared-doc.ts'
import { useDeep } from './use-deep.ts'

interface AgendaPartProps {
  shared: SharedDoc
  isReadOnly: boolean
  /** How long the meeting is. */
  minutes: number
}

/** A day. */
const MAX_MINUTES = 1_440

/** What is to be talked about, in order, and for how long. */
export function AgendaPart({ shared, isReadOnly, minutes }: AgendaPartProps) {
  useDeep(shared.agenda)
  const items = itemsIn(shared.agenda)
  const planned = items.reduce((sum, item) => sum + (numberOf(item, 'minutes') ?? 0), 0)
  const open = items.filter((item) => !isDone(item)).length
  return (
    <ItemPart
      {...{ shared, isReadOnly }}
      list={shared.agenda}
      title="Agenda"
      noun="Item"
      empty="Nothing on the agenda yet."
      placeholder="What is to be talked about?"
      doneWords="Done"
      aside={
        items.length > 0 && (
          <p class="soft small figures">
            {open} open{planned > 0 && ` · ${planned} of ${minutes} min`}
          </p>
        )
      }
    >
      {(item, { write }) => (
        <label class="item-field">
          <input
            class="item-minutes figures"
            type="number"
            inputMode="numeric"
            min={0}
            max={MAX_MINUTES}
            aria-label="Minutes"
            readOnly={isReadOnly}
            value={numberOf(item, 'minutes') ?? ''}
            onInput={(event) => {
              const { value } = event.currentTarget
              const given = Number(value)
              const isFine = Number.isInteger(given) && given >= 0 && given <= MAX_MINUTES
              if (value === '' || isFine) write(() => setField(item, 'minutes', value === '' ? undefined : given))
            }}
          />
          <span class="soft">min</span>
        </label>
      )}
    </ItemPart>
  )
}
