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
import { chosenOf, mayChange } from './meeting-change.ts'
import type { Place } from './nearest-entry.ts'
import { ScopeQuestion } from './scope-question.tsx'
import type { CalendarEntry } from './shapes.ts'
import { summaryOf } from './subjects.ts'
import { useCalendar } from './use-calendar.ts'
import { useChanges } from './use-changes.ts'
import { type Moving, useEntryMove } from './use-entry-move.ts'
import { useNotice } from './use-notice.ts'

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
  const [place, setPlace] = useState<Place>()
  /** Where the calendar will show what was changed: that goes before what is looked at meanwhile. */
  const [changed, setChanged] = useState<Place>()
  const [open, setOpen] = useState<CalendarEntry>()
  const { notice, say, box } = useNotice<string>(NOTICE_MS)
  const days = useMemo(() => (view === 'day' ? [date] : weekOf(date)), [date, view])
  const window = useMemo(() => windowOf(days, zone), [days, zone])
  const { diary, problem, refresh } = useCalendar(rest, topics, user.id, window)
  const done = (words: string, place?: Place) => {
    say(words)
    setChanged(place)
    refresh()
  }
  const changes = useChanges(rest, { zone, onDone: done, onStale: refresh })
  const entryMove = useEntryMove(rest, topics, user, () => say('Only who organizes it may move it.'))
  const dropping = useRef<'asked' | 'done' | undefined>(undefined)
  const names = useNames(rest, entryMove.meeting ?? NOBODY)

  const drop = async () => {
    const { moving } = entryMove
    const chosen = moving && chosenOf(moving.entry)
    if (dropping.current !== undefined) return
    if (moving === undefined || chosen === undefined || !isMoved(moving)) {
      land()
      return
    }
    dropping.current = 'asked'
    const meeting = await entryMove.read()
    if (meeting?.ok !== true || !mayChange(meeting.value, user)) {
      if (meeting?.ok === false) changes.fail(meeting.problem)
      land()
      return
    }
    const words = `Moved: ${titleOf(moving.entry)}, ${spanWords(moving.to, now, zone)}.`
    // It stays where it was dropped until the calendar says so itself.
    if (await changes.change(meeting.value, chosen, moving.to, {}, words)) dropping.current = 'done'
    else land()
  }
  const land = () => {
    dropping.current = undefined
    entryMove.land()
  }
  const putBack = () => {
    if (dropping.current === undefined) entryMove.land()
  }
  useEffect(() => {
    setChanged(undefined)
    if (dropping.current === 'done') land()
  }, [diary])
  useEffect(() => {
    if (entryMove.moving !== undefined) changes.forget()
  }, [entryMove.moving?.entry.id])
  const look = (next: { date?: string; view?: 'day' | 'week' }) => {
    putBack()
    changes.forget()
    setDate(next.date ?? date)
    setView(next.view ?? view)
  }
  const shownOpen = diary?.entries.find(({ id }) => id === open?.id) ?? open
  const refusal = open === undefined ? changes.problem : undefined
  return (
    <>
      <DaySteps {...{ date, view, zone, now }} onDate={(date) => look({ date })} onView={(view) => look({ view })} />
      <p class="calendar-state small" role="status">
        {movingWords(entryMove, names, zone)}
      </p>
      <div role="alert">{problem && <ProblemLine problem={problem} />}</div>
      {diary === undefined ? (
        <div class="board-empty" aria-busy={problem === undefined} />
      ) : (
        <CalendarGrid
          {...{ days, zone, now, entryMove }}
          entries={diary.entries}
          known={diary.window}
          looking={{ place: changed ?? place, onPlace: setPlace }}
          onOpen={(entry) => {
            changes.forget()
            setOpen(entry)
          }}
          onDrop={() => void drop()}
          onLeave={putBack}
        />
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
          onAnswered={(words) => done(words)}
        />
      )}
      {changes.question !== undefined && (
        <ScopeQuestion
          question={changes.question}
          onChoose={changes.answer}
          onCancel={() => changes.answer(undefined)}
        />
      )}
      <div ref={box} class="notice" role="status">
        {refusal ? <ProblemLine problem={refusal} /> : notice}
      </div>
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
