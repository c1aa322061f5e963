import { ItemPart } from './item-part.tsx'
import { fieldOf, isDone, itemsIn, setField } from './item-list.ts'
import type { SharedDoc } from './shared-doc.ts'
import { useDeep } from './use-deep.ts'

interface ActionsPartProps {
  shared: SharedDoc
  isReadOnly: boolean
  /** Who can be given something to do, by user id. */
  names: ReadonlyMap<string, string>
}

/** What is to be done afterwards, by whom and until when. */
export function ActionsPart({ shared, isReadOnly, names }: ActionsPartProps) {
  useDeep(shared.actions)
  const items = itemsIn(shared.actions)
  const open = items.filter((item) => !isDone(item)).length
  return (
    <ItemPart
      {...{ shared, isReadOnly }}
      list={shared.actions}
      title="Actions"
      noun="Action"
      empty="Nothing to do yet."
      placeholder="What is to be done?"
      doneWords="Done"
      aside={items.length > 0 && <p class="soft small figures">{open} open</p>}
    >
      {(item, { write }) => {
        const assignee = fieldOf(item, 'assignee')
        return (
          <>
            <select
              class="item-assignee"
              aria-label="Who"
              disabled={isReadOnly}
              value={assignee}
              onChange={(event) => write(() => setField(item, 'assignee', event.currentTarget.value))}
            >
              <option value="">Nobody yet</option>
              {[...names].map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
              {/* Somebody who left, or a name that another client wrote. */}
              {assignee !== '' && !names.has(assignee) && <option value={assignee}>{nameOf(assignee)}</option>}
            </select>
            <input
              class="item-due figures"
              type="date"
              aria-label="Until"
              readOnly={isReadOnly}
              value={fieldOf(item, 'due')}
              onChange={(event) => write(() => setField(item, 'due', event.currentTarget.value))}
            />
          </>
        )
      }}
    </ItemPart>
  )
}

function nameOf(assignee: string): string {
  return /^[0-9a-f]{8}-/.test(assignee) ? 'Somebody else' : assignee.slice(0, 80)
}
