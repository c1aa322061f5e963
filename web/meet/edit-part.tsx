import { useEffect, useState } from 'preact/hooks'
import type { Meeting, User } from '../client/contract.ts'
import { addDays, dateIn, instantIn, timeIn } from '../client/zone.ts'
import { Field, type FieldTie } from '../ui/field.tsx'
import type { Span } from './day-axis.ts'
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

/** Title and time of a meeting, as fields: whatever dragging can do is done here as well. Whole days are those of its own zone. */
export function EditPart({ user, chosen, series, shown, changes, close }: EditPartProps) {
  const { allDay } = series
  const zone = allDay ? series.timezone : user.timezone
  const stored = draftOf(shown, chosen, zone)
  const [draft, setDraft] = useState(stored)
  const key = JSON.stringify(stored)
  useEffect(() => setDraft(stored), [key])
  const isMoved = JSON.stringify({ ...draft, title: '' }) !== JSON.stringify({ ...stored, title: '' })
  const span = allDay ? daysOf(draft, zone) : timesOf(draft, zone)
  const tooEarly = allDay ? 'The last day is before the first.' : 'The end must be after the start.'
  const fault = !isMoved || span.end > span.start ? undefined : tooEarly
  const isChanged = JSON.stringify(draft) !== key
  const save = async () => {
    if (fault !== undefined || draft.title.trim() === '' || !isChanged) return
    const to = isMoved ? span : { start: chosen.start, end: chosen.end }
    const fields = draft.title.trim() === stored.title ? {} : { title: draft.title.trim() }
    if (await changes.change(series, chosen, to, fields, `Changed: ${draft.title.trim()}.`)) close()
  }
  const set = (name: keyof Draft) => (event: { currentTarget: HTMLInputElement }) => {
    const next = { ...draft, [name]: event.currentTarget.value }
    setDraft(name === 'date' ? { ...next, lastDate: lastDateAfter(draft, next.date) } : next)
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
          <Field label="End" fault={fault}>
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

function draftOf({ title }: Meeting, { start, end }: Chosen, zone: string) {
  return {
    title: title ?? '',
    date: dateIn(zone, start),
    lastDate: dateIn(zone, end - 1),
    start: timeIn(zone, start),
    end: timeIn(zone, end),
  }
}

type Draft = ReturnType<typeof draftOf>

/** Another first day takes the last one along. */
function lastDateAfter({ date, lastDate }: Draft, first: string): string {
  const days = Math.round((Date.parse(lastDate) - Date.parse(date)) / DAY_MS)
  return first === '' || Number.isNaN(days) ? lastDate : addDays(first, days)
}

const DAY_MS = 86_400_000

/** A field that is not filled in gives no number, and nothing is after that. */
function timesOf({ date, start, end }: Draft, zone: string): Span {
  const isFilled = date !== '' && start !== '' && end !== ''
  return isFilled ? { start: instantIn(zone, date, start), end: instantIn(zone, date, end) } : NO_SPAN
}

function daysOf({ date, lastDate }: Draft, zone: string): Span {
  if (date === '' || lastDate === '') return NO_SPAN
  return { start: instantIn(zone, date, '00:00'), end: instantIn(zone, addDays(lastDate, 1), '00:00') }
}

const NO_SPAN: Span = { start: NaN, end: NaN }
