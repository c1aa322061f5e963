import { useState } from 'preact/hooks'
import type { Room } from '../client/contract.ts'
import { Field, type FieldTie } from '../ui/field.tsx'
import { type Draft, type Faults, withStart } from './booking.ts'

interface BookFieldsProps {
  draft: Draft
  faults: Faults
  /** Somebody tried to send it: every fault shows, not only those of fields that were left. */
  isJudged: boolean
  rooms: readonly Room[]
  onChange: (draft: Draft) => void
}

export function BookFields({ draft, faults, isJudged, rooms, onChange }: BookFieldsProps) {
  const [left, setLeft] = useState<ReadonlySet<keyof Draft>>(new Set())
  const fault = (name: keyof Draft) => (isJudged || left.has(name) ? faults[name] : undefined)
  const input = (name: keyof Draft, tie: FieldTie) => ({
    ...tie,
    name,
    value: draft[name],
    onInput: (event: { currentTarget: HTMLInputElement | HTMLSelectElement }) => {
      const { value } = event.currentTarget
      onChange(name === 'start' ? withStart(draft, value) : { ...draft, [name]: value })
    },
    onBlur: () => setLeft(new Set(left).add(name)),
  })
  return (
    <>
      <Field label="Title" fault={fault('title')}>
        {(tie) => <input {...input('title', tie)} type="text" autocomplete="off" maxLength={200} />}
      </Field>
      <Field label="Room">
        {(tie) => (
          <select {...input('roomId', tie)}>
            {rooms.map((room) => (
              <option key={room.id} value={room.id}>
                {room.name}, {room.capacity} seats
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="book-when">
        <Field label="Date" fault={fault('date')}>
          {(tie) => <input {...input('date', tie)} type="date" />}
        </Field>
        <Field label="Start" fault={fault('start')}>
          {(tie) => <input {...input('start', tie)} type="time" />}
        </Field>
        {/* The times are seen together, so a wrong order shows at once. */}
        <Field label="End" fault={draft.end <= draft.start ? faults.end : fault('end')}>
          {(tie) => <input {...input('end', tie)} type="time" />}
        </Field>
      </div>
      <div class="book-repeat">
        <Field label="Repeat">
          {(tie) => (
            <select {...input('repeat', tie)}>
              <option value="none">Does not repeat</option>
              <option value="daily">Every day</option>
              <option value="weekly">Every week</option>
            </select>
          )}
        </Field>
        {draft.repeat !== 'none' && (
          <Field label="How many times" fault={fault('count')}>
            {(tie) => <input {...input('count', tie)} type="number" min={2} max={100} step={1} inputMode="numeric" />}
          </Field>
        )}
      </div>
    </>
  )
}
