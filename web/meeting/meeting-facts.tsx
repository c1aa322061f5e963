import { useEffect, useState } from 'preact/hooks'
import type { Meeting, Page, Room, User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import { daysWords, whenThere, whenWords } from '../client/when-words.ts'
import { privacyWords, statusWords } from './meeting-words.ts'

interface MeetingFactsProps {
  meeting: Meeting
  rest: Rest
  user: User
}

/** When, where, and what is out of the ordinary. */
export function MeetingFacts({ meeting, rest, user }: MeetingFactsProps) {
  const { timezone, status, visibility, recurrenceText, allDay } = meeting
  const span = useNextSpan(rest, meeting)
  const rooms = useRoomNames(rest, meeting)
  const there = allDay ? undefined : whenThere(span, timezone, user.timezone)
  const state = statusWords(status)
  const privacy = privacyWords(visibility)
  return (
    <ul class="facts figures" aria-label="When and where">
      {state !== undefined && (
        <li class="fact-state" data-status={status}>
          {state}
        </li>
      )}
      <li>
        {allDay ? daysWords(span, timezone) : whenWords(span, user.timezone)}
        {there !== undefined && <span class="soft"> · {there}</span>}
      </li>
      {recurrenceText !== null && <li class="soft">{capital(recurrenceText)}</li>}
      {rooms.length > 0 && <li>{rooms.join(', ')}</li>}
      {privacy !== undefined && <li class="soft">{privacy}</li>}
    </ul>
  )
}

interface Span {
  start: number
  end: number
}

/** Of a series the next occurrence, as long as there is one. */
function useNextSpan(rest: Rest, meeting: Meeting): Span {
  const { id, isRecurring, startTime, endTime } = meeting
  const [next, setNext] = useState<Span>()
  useEffect(() => {
    setNext(undefined)
    if (!isRecurring) return
    let isWanted = true
    void rest.get<Page<Meeting>>(`/meetings/${id}/occurrences?limit=1`).then((answer) => {
      const [first] = answer.ok ? answer.value.items : []
      if (isWanted && first !== undefined) setNext(spanOf(first))
    })
    return () => {
      isWanted = false
    }
  }, [id, isRecurring, startTime, endTime])
  return next ?? spanOf({ startTime, endTime })
}

function spanOf({ startTime, endTime }: Pick<Meeting, 'startTime' | 'endTime'>): Span {
  return { start: Date.parse(startTime), end: Date.parse(endTime) }
}

/** The first one's name comes with the meeting; those of the others are asked for. */
function useRoomNames(rest: Rest, { room, roomIds }: Meeting): string[] {
  const [names, setNames] = useState<string[]>([])
  const others = roomIds.filter((id) => id !== room?.id)
  const key = others.join()
  useEffect(() => {
    let isWanted = true
    void Promise.all(others.map((id) => rest.get<Room>(`/rooms/${id}`))).then((answers) => {
      if (isWanted) setNames(answers.flatMap((answer) => (answer.ok ? [answer.value.name] : [])))
    })
    return () => {
      isWanted = false
    }
  }, [key])
  return room === null ? names : [room.name, ...names]
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
