import { useEffect, useRef, useState } from 'preact/hooks'
import type { Answer, Meeting, User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import { createStore } from '../client/store.ts'
import type { Topics } from '../client/topics.ts'
import { useStore } from '../ui/use-store.ts'
import type { Span } from './day-axis.ts'
import { mayChange } from './meeting-change.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import { type Judged, VerdictLine } from './verdict-line.ts'

/** An entry that is being moved, and where it is meanwhile. */
export interface Moving {
  entry: CalendarEntry
  to: Span
}

/** Moves one meeting of the calendar; while it is in the air its people and rooms are asked what they say. Who may not is told so. */
export function useEntryMove(rest: Rest, topics: Topics, user: User, onMayNot: () => void) {
  const [moving, setMoving] = useState<Moving>()
  const [meeting, setMeeting] = useState<Meeting>()
  const line = useRef<VerdictLine | undefined>(undefined)
  const judged = useStore(moving === undefined ? NO_VERDICT : (line.current?.judged ?? NO_VERDICT))
  const reading = useRef<Promise<Answer<Meeting>> | undefined>(undefined)
  const current = useRef<Moving | undefined>(undefined)
  current.current = moving
  useEffect(() => () => line.current?.end(), [])
  const land = () => {
    line.current?.end()
    line.current = undefined
    setMoving(undefined)
  }
  return {
    moving,
    /** The series that it belongs to, once it is known. */
    meeting: meeting?.id === moving?.entry.meetingId ? meeting : undefined,
    judged,
    lift: (entry: CalendarEntry) => {
      setMoving({ entry, to: spanOf(entry) })
      if (entry.meetingId === undefined || entry.recurrenceId === undefined) return
      const place = { meetingId: entry.meetingId, recurrenceId: entry.recurrenceId }
      reading.current = rest.get<Meeting>(`/meetings/${entry.meetingId}`)
      void reading.current.then((answer) => {
        if (!answer.ok || current.current?.entry.id !== entry.id) return
        if (!mayChange(answer.value, user)) {
          land()
          onMayNot()
          return
        }
        line.current = new VerdictLine(topics, subjectsIn(answer.value), place)
        line.current.move(current.current.to)
        setMeeting(answer.value)
      })
    },
    /** Who drops at once waits for it. */
    read: () => reading.current,
    move: (to: Span) => {
      setMoving((before) => before && { ...before, to })
      line.current?.move(to)
    },
    land,
  }
}

const NO_VERDICT = createStore<Judged | undefined>(undefined)

function subjectsIn({ participants, roomIds, organizer }: Meeting) {
  const people = new Set([organizer?.id, ...participants.map(({ userId }) => userId)].filter((id) => id !== undefined))
  return [
    ...[...people].map((id) => ({ id, kind: 'person' as const })),
    ...roomIds.map((id) => ({ id, kind: 'room' as const })),
  ]
}
