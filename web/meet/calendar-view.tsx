import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import { spanWords } from '../client/span-words.ts'
import type { Topics } from '../client/topics.ts'
import { addDays, dayIn, instantIn, timeIn, zoneWords } from '../client/zone.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { useNames } from '../ui/use-names.ts'
import { useNow } from '../ui/use-now.ts'
import { titleOf } from './calendar-entry.tsx'
import { CalendarGrid } from './calendar-grid.tsx'
import { weekOf, workdayFrom } from './day-axis.ts'
import { DaySteps } from './day-steps.tsx'
import { EntrySheet } from './entry-sheet.tsx'
import { chosenOf } from './meeting-change.ts'
import { ScopeQuestion } from './scope-question.tsx'
import type { CalendarEntry } from './shapes.ts'
import { summaryOf } from './subjects.ts'
import { useCalendar } from './use-calendar.ts'
import { useChanges } from './use-changes.ts'
import { type Moving, useEntryMove } from './use-entry-move.ts'

interface CalendarViewProps {
  rest: Rest
  topics: Topics
  user: User
}

const TICK_MS = 30_000
const NOBODY = { organizer: null, participants: [] }
/** A week is too wide for it. */
const NARROW = '(max-width: 40rem)'
const NOTICE_MS = 8_000

/** One’s own days: meetings open, move and are changed here, one occurrence or all of them. */
export function CalendarView({ rest, topics, user }: CalendarViewProps) {
  const zone = user.timezone
  const now = useNow(TICK_MS)
  const [date, setDate] = useState(() => workdayFrom(now, zone))
  const [view, setView] = useState<'day' | 'week'>(() => (matchMedia(NARROW).matches ? 'day' : 'week'))
  const [open, setOpen] = useState<CalendarEntry>()
  const [notice, setNotice] = useState('')
  const days = useMemo(() => (view === 'day' ? [date] : weekOf(date)), [date, view])
  const window = useMemo(() => windowOf(days, zone), [days, zone])
  const { entries, problem, refresh } = useCalendar(rest, topics, user.id, window)
  const changes = useChanges(rest, (words) => {
    setNotice(words)
    refresh()
  })
  const entryMove = useEntryMove(rest, topics)
  const dropped = useRef<string | undefined>(undefined)
  const names = useNames(rest, entryMove.meeting ?? NOBODY)
  useEffect(() => {
    if (notice === '') return
    const timer = setTimeout(() => setNotice(''), NOTICE_MS)
    return () => clearTimeout(timer)
  }, [notice])

  const drop = async () => {
    const { moving } = entryMove
    const chosen = moving && chosenOf(moving.entry)
    if (moving === undefined || chosen === undefined || !isMoved(moving)) {
      entryMove.land()
      return
    }
    const meeting = await entryMove.read()
    if (meeting?.ok !== true) {
      land(moving.entry.id)
      return
    }
    const words = `Moved: ${titleOf(moving.entry)}, ${spanWords(moving.to, now, zone)}.`
    // It stays where it was dropped until the calendar says so itself.
    if (await changes.change(meeting.value, chosen, moving.to, {}, words)) dropped.current = moving.entry.id
    else land(moving.entry.id)
  }
  const land = (id: string) => {
    dropped.current = undefined
    entryMove.land()
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-entry="${id}"]`)?.focus())
  }
  useEffect(() => {
    if (dropped.current !== undefined) land(dropped.current)
  }, [entries])
  const shownOpen = entries?.find(({ id }) => id === open?.id) ?? open
  return (
    <>
      <DaySteps {...{ date, view, zone, now }} onDate={setDate} onView={setView} />
      <p class="calendar-state small" role="status">
        {movingWords(entryMove, names, zone)}
      </p>
      <div role="alert">
        {problem && <ProblemLine problem={problem} />}
        {changes.problem && open === undefined && <ProblemLine problem={changes.problem} />}
      </div>
      {entries === undefined ? (
        <div class="board-empty" aria-busy={problem === undefined} />
      ) : (
        <CalendarGrid {...{ days, entries, zone, now, entryMove }} onOpen={setOpen} onDrop={() => void drop()} />
      )}
      <p id="calendar-help" class="soft small">
        <span class="for-keys">
          Enter opens a meeting. Space lifts it: then the arrow keys move it, Enter drops it and Escape puts it back.
        </span>{' '}
        <span class="for-touch">Tap a meeting to open it, or rest your finger on it and then drag it.</span> Times are{' '}
        {zoneWords(zone, now)}.
      </p>
      {shownOpen && (
        <EntrySheet
          key={shownOpen.id}
          {...{ rest, topics, user, now, changes }}
          entry={shownOpen}
          onClose={() => {
            changes.forget()
            setOpen(undefined)
          }}
          onAnswered={(words) => {
            setNotice(words)
            refresh()
          }}
        />
      )}
      {changes.question !== undefined && (
        <ScopeQuestion
          question={changes.question}
          onChoose={changes.answer}
          onCancel={() => changes.answer(undefined)}
        />
      )}
      <p class="notice" role="status">
        {notice}
      </p>
    </>
  )
}

function windowOf(days: readonly string[], zone: string) {
  const [first = '', last = ''] = [days[0], days.at(-1)]
  return { start: instantIn(zone, first, '00:00'), end: instantIn(zone, addDays(last, 1), '00:00') }
}

function isMoved({ entry, to }: Moving): boolean {
  return Date.parse(entry.start) !== to.start
}

/** Where the meeting is in the air, and what its people and rooms say. */
function movingWords(
  { moving, judged, meeting }: ReturnType<typeof useEntryMove>,
  names: ReadonlyMap<string, string>,
  zone: string,
): string {
  if (moving === undefined) return ''
  const { start, end } = moving.to
  const where = `${dayIn(zone, start)}, ${timeIn(zone, start)}–${timeIn(zone, end)}`
  const isJudged = judged?.span.start === start && judged.span.end === end
  const nameOf = (id: string) => names.get(id) ?? (id === meeting?.room?.id ? meeting.room.name : 'Somebody')
  return `Moving ${titleOf(moving.entry)}: ${where}. ${isJudged ? summaryOf(judged.verdicts, nameOf) : ''}`
}
