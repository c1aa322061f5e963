import { useState } from 'preact/hooks'
import type { Meeting, User } from '../client/contract.ts'
import { dateIn, dayIn } from '../client/zone.ts'
import { Field, type FieldTie } from '../ui/field.tsx'
import type { Span } from './day-axis.ts'
import { type Draft, daysOf, draftOf, timesOf, withField } from './edit-draft.ts'
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
const TIMES = ['date', 'lastDate', 'start', 'end'] as const

/** Title and time of a meeting, as fields: whatever dragging can do is done here as well. Whole days are those of its own zone. */
export function EditPart({ user, chosen, series, shown, changes, close }: EditPartProps) {
  const { allDay } = series
  const zone = allDay ? series.timezone : user.timezone
  const stored = draftOf(shown.title, chosen, zone)
  // Only what was typed is kept: the other fields follow what others do.
  const [typed, setTyped] = useState<Partial<Draft>>({})
  const draft = { ...stored, ...typed }
  const isMoved = TIMES.some((name) => draft[name] !== stored[name])
  const span = allDay ? daysOf(draft, zone) : timesOf(draft, stored, zone)
  const tooEarly = allDay ? 'The last day is before the first.' : 'A day and both times are needed.'
  const fault = !isMoved || span.end > span.start ? undefined : tooEarly
  const title = draft.title.trim()
  const isChanged = isMoved || draft.title !== stored.title
  const save = async () => {
    if (fault !== undefined || title === '' || !isChanged) return
    const to = isMoved ? span : { start: chosen.start, end: chosen.end }
    const fields = title === stored.title ? {} : { title }
    if (await changes.change(series, chosen, to, fields, `Changed: ${title}.`)) close()
  }
  const set = (name: keyof Draft) => (event: { currentTarget: HTMLInputElement }) => {
    const fields = withField(draft, name, event.currentTarget.value)
    setTyped((before) => ({ ...before, ...fields }))
  }
  const timeField = (name: 'start' | 'end') => (tie: FieldTie) => (
    <input {...tie} type="time" step={300} value={draft[name]} onInput={set(name)} />
  )
  const dayField = (name: 'date' | 'lastDate') => (tie: FieldTie) => (
    <input {...tie} type="date" value={draft[name]} onInput={set(name)} />
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
      {allDay ? (
        <div class="edit-times">
          <Field label="First day">{dayField('date')}</Field>
          <Field label="Last day" fault={fault}>
            {dayField('lastDate')}
          </Field>
        </div>
      ) : (
        <div class="edit-times">
          <Field label="Day">{dayField('date')}</Field>
          <Field label="Start">{timeField('start')}</Field>
          <Field label="End" fault={fault} hint={endDayWords(span, zone)}>
            {timeField('end')}
          </Field>
        </div>
      )}
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

/** Where a meeting does not end on the day on which it begins. */
function endDayWords({ start, end }: Span, zone: string): string | undefined {
  if (Number.isNaN(start) || Number.isNaN(end)) return undefined
  return dateIn(zone, start) === dateIn(zone, end) ? undefined : `on ${dayIn(zone, end)}`
}
