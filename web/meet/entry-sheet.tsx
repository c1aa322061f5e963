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
import { chosenOf, mayChange, standingAt } from './meeting-change.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import type { Changes } from './use-changes.ts'
import { useRead } from './use-read.ts'

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
  const { both, problem, turn, wake } = useBoth(rest, topics, entry)
  const { series, one } = both ?? {}
  const choice = chosenOf(entry)
  const chosen = choice && one ? standingAt(choice, one) : choice
  useEffect(() => {
    if (changes.problem?.code === 'stale') wake()
  }, [changes.problem])
  return (
    <Panel title={one?.title ?? titleOf(entry)} onClose={onClose}>
      {(close) => (
        <>
          <p class="figures">
            {entry.allDay
              ? daysWords(chosen ?? spanOf(entry), series?.timezone ?? user.timezone)
              : whenWords(chosen ?? spanOf(entry), user.timezone)}
          </p>
          <p role="status">{both && overWords(both)}</p>
          <div role="alert">
            {problem && <ProblemLine problem={problem} />}
            {changes.problem && <ProblemLine problem={changes.problem} />}
          </div>
          {series && chosen && (
            <>
              {one && <Facts {...{ rest }} meeting={one} />}
              {one && mayAnswer(one, user) && (
                <AnswerPart
                  {...{ rest, user, chosen, series }}
                  shown={one}
                  onAnswered={(words) => {
                    wake()
                    onAnswered(words)
                  }}
                />
              )}
              {one && mayChange(series, user) && <EditPart {...{ user, chosen, changes, close, series }} shown={one} />}
              <HistoryPart {...{ rest, topics, now, turn }} meetingId={series.id} zone={user.timezone} />
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

/** Why nothing can be changed. */
function overWords({ series, one }: Both): string {
  if (series.status === 'cancelled') return 'It is cancelled.'
  return one === undefined ? 'It is not at this time any more: the calendar shows what is there instead.' : ''
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

interface Both {
  series: Meeting
  /** What was chosen of it: itself, unless it recurs. undefined: that one is not at this time any more. */
  one: Meeting | undefined
}

/** The meeting as such and what was chosen of it, read again with every news of the meeting. */
function useBoth(rest: Rest, topics: Topics, { meetingId, recurrenceId, start, end }: CalendarEntry) {
  const [turn, setTurn] = useState(0)
  const { seen, problem, refresh } = useRead<Both>(topics, `${meetingId} ${recurrenceId} ${start} ${end}`, async () => {
    // The series first: its version is never newer than the times that are shown beside it.
    const series = await rest.get<Meeting>(`/meetings/${meetingId}`)
    if (!series.ok) return series
    if (!series.value.isRecurring) return { ok: true, value: { series: series.value, one: series.value } }
    const path = `/meetings/${meetingId}/occurrences?from=${start}&to=${end}`
    const answer = await rest.get<Page<Meeting & { recurrenceId: string }>>(path)
    if (!answer.ok) return answer
    const one = answer.value.items.find((each) => each.recurrenceId === recurrenceId)
    return { ok: true, value: { series: series.value, one } }
  })
  const wake = () => {
    setTurn((before) => before + 1)
    refresh()
  }
  useEffect(() => {
    if (meetingId === undefined) return
    return topics.watch(`meeting:${meetingId}`, { onState: () => {}, onEvent: wake, onClosed: wake })
  }, [meetingId])
  return { both: seen?.value, problem, turn, wake }
}

function mayAnswer({ participants, status }: Meeting, user: User): boolean {
  return status !== 'cancelled' && participants.some(({ userId }) => userId === user.id)
}
