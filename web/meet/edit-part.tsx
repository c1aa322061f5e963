import { useEffect, useState } from 'preact/hooks'
import type { Meeting, User } from '../client/contract.ts'
import { dateIn, instantIn, timeIn } from '../client/zone.ts'
import { Field, type FieldTie } from '../ui/field.tsx'
import type { Chosen } from './meeting-change.ts'
import type { Changes } from './use-changes.ts'

interface EditPartProps {
  user: User
  chosen: Chosen
  series: Meeting
  shown: Meeting
  changes: Changes
  close: () => void
}

const MAX_TITLE = 200

/** Title and time of a meeting, as fields: whatever dragging can do is done here as well. */
export function EditPart({ user, chosen, series, shown, changes, close }: EditPartProps) {
  const zone = user.timezone
  const stored = draftOf(shown, chosen, zone)
  const [draft, setDraft] = useState(stored)
  const key = JSON.stringify(stored)
  useEffect(() => setDraft(stored), [key])
  const start = instantIn(zone, draft.date, draft.start)
  const end = instantIn(zone, draft.date, draft.end)
  const isTime = draft.date !== '' && draft.start !== '' && draft.end !== ''
  const fault = isTime && end > start ? undefined : 'The end must be after the start.'
  const isChanged = JSON.stringify(draft) !== key
  const save = async () => {
    if (fault !== undefined || draft.title.trim() === '' || !isChanged) return
    const isMoved = draft.date !== stored.date || draft.start !== stored.start || draft.end !== stored.end
    const to = isMoved ? { start, end } : { start: chosen.start, end: chosen.end }
    const fields = draft.title.trim() === stored.title ? {} : { title: draft.title.trim() }
    if (await changes.change(series, chosen, to, fields, `Changed: ${draft.title.trim()}.`)) close()
  }
  const set = (name: keyof typeof draft) => (event: { currentTarget: HTMLInputElement }) =>
    setDraft({ ...draft, [name]: event.currentTarget.value })
  const timeField = (name: 'start' | 'end') => (tie: FieldTie) => (
    <input {...tie} type="time" step={300} value={draft[name]} onInput={set(name)} />
  )
  return (
    <form
      class="sheet-part"
      noValidate
      aria-labelledby="edit-title"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <h3 id="edit-title">Change it</h3>
      <Field label="Title">
        {(tie) => (
          <input {...tie} maxLength={MAX_TITLE} autocomplete="off" value={draft.title} onInput={set('title')} />
        )}
      </Field>
      <div class="edit-times">
        <Field label="Day">{(tie) => <input {...tie} type="date" value={draft.date} onInput={set('date')} />}</Field>
        <Field label="Start">{timeField('start')}</Field>
        <Field label="End" fault={fault}>
          {timeField('end')}
        </Field>
      </div>
      <div class="side-actions">
        <button type="submit" class="button-main" aria-disabled={changes.isBusy || !isChanged}>
          Save
        </button>
        <button
          type="button"
          class="button-quiet"
          aria-disabled={changes.isBusy}
          onClick={() => void changes.cancel(series, chosen).then((done) => done && close())}
        >
          Cancel the meeting
        </button>
      </div>
    </form>
  )
}

function draftOf({ title }: Meeting, { start, end }: Chosen, zone: string) {
  return { title: title ?? '', date: dateIn(zone, start), start: timeIn(zone, start), end: timeIn(zone, end) }
}
