import { useEffect, useState } from 'preact/hooks'
import type { Meeting, Page, User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Topics } from '../client/topics.ts'
import { responseWords } from '../client/response-words.ts'
import { daysWords, whenWords } from '../client/when-words.ts'
import { Panel } from '../ui/panel.tsx'
import { ProblemLine } from '../ui/problem-line.tsx'
import { useNames } from '../ui/use-names.ts'
import { AnswerPart } from './answer-part.tsx'
import { titleOf } from './calendar-entry.tsx'
import { EditPart } from './edit-part.tsx'
import { HistoryPart } from './history-part.tsx'
import { chosenOf } from './meeting-change.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import type { Changes } from './use-changes.ts'

interface EntrySheetProps {
  rest: Rest
  topics: Topics
  user: User
  now: number
  entry: CalendarEntry
  changes: Changes
  onClose: () => void
  onAnswered: (words: string) => void
}

/** A meeting of the calendar: what it is, one’s answer, its time and title, and what became of it so far. */
export function EntrySheet({ rest, topics, user, now, entry, changes, onClose, onAnswered }: EntrySheetProps) {
  const { series, occurrence, turn } = useBoth(rest, topics, entry)
  const shown = occurrence ?? series
  const chosen = chosenOf(entry)
  return (
    <Panel title={titleOf(entry)} onClose={onClose}>
      {(close) => (
        <>
          <p class="figures">
            {entry.allDay
              ? daysWords(spanOf(entry), series?.timezone ?? user.timezone)
              : whenWords(spanOf(entry), user.timezone)}
          </p>
          <div role="alert">{changes.problem && <ProblemLine problem={changes.problem} />}</div>
          {series && shown && chosen && (
            <>
              <Facts {...{ rest }} meeting={shown} />
              {mayAnswer(shown, user) && (
                <AnswerPart {...{ rest, user, chosen, onAnswered }} series={series} shown={shown} />
              )}
              {mayChange(series, user) && (
                <EditPart {...{ user, chosen, changes, close }} series={series} shown={shown} />
              )}
              <HistoryPart {...{ rest, now, turn }} meetingId={series.id} zone={user.timezone} />
              <p>
                <a class="sheet-link" href={`/meeting#${series.id}`}>
                  Agenda, notes and actions
                </a>
              </p>
            </>
          )}
        </>
      )}
    </Panel>
  )
}

function Facts({ rest, meeting }: { rest: Rest; meeting: Meeting }) {
  const names = useNames(rest, meeting)
  const { organizer, participants, room, recurrenceText } = meeting
  const invited = participants.filter(({ userId }) => userId === undefined || userId !== organizer?.id)
  return (
    <ul class="sheet-facts">
      {recurrenceText !== null && <li class="soft">{recurrenceText}</li>}
      {room && <li>{room.name}</li>}
      {organizer && (
        <li>
          {names.get(organizer.id)} <span class="soft small">organizes</span>
        </li>
      )}
      {invited.map(({ userId, email, response }) => (
        <li key={userId ?? email}>
          {email ?? names.get(userId ?? '') ?? 'Somebody'} <span class="soft small">{responseWords(response)}</span>
        </li>
      ))}
    </ul>
  )
}

/** The series as such and this occurrence of it, read again with every news of the meeting. */
function useBoth(rest: Rest, topics: Topics, { meetingId, recurrenceId, start, end }: CalendarEntry) {
  const [series, setSeries] = useState<Meeting>()
  const [occurrence, setOccurrence] = useState<Meeting>()
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (meetingId === undefined) return
    const wake = () => setTurn((before) => before + 1)
    return topics.watch(`meeting:${meetingId}`, { onState: () => {}, onEvent: wake, onClosed: wake })
  }, [meetingId])
  useEffect(() => {
    let isWanted = true
    void rest.get<Meeting>(`/meetings/${meetingId}`).then((answer) => isWanted && answer.ok && setSeries(answer.value))
    const path = `/meetings/${meetingId}/occurrences?from=${start}&to=${end}`
    void rest.get<Page<Meeting & { recurrenceId: string }>>(path).then((answer) => {
      const found = answer.ok ? answer.value.items.find((one) => one.recurrenceId === recurrenceId) : undefined
      if (isWanted) setOccurrence(found)
    })
    return () => {
      isWanted = false
    }
  }, [meetingId, recurrenceId, start, end, turn])
  return { series, occurrence, turn }
}

function mayAnswer({ participants, status }: Meeting, user: User): boolean {
  return status !== 'cancelled' && participants.some(({ userId }) => userId === user.id)
}

/** A hint for the page only: the server judges every change. */
function mayChange({ organizer, status }: Meeting, user: User): boolean {
  return status !== 'cancelled' && (organizer?.id === user.id || ['owner', 'admin'].includes(user.role))
}
