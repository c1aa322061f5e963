import { useEffect, useState } from 'preact/hooks'
import type { Problem } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Topics } from '../client/topics.ts'
import type { Span } from './day-axis.ts'
import type { CalendarEntry } from './shapes.ts'

/** News of one command come together: they are one reason to read. */
const QUIET_MS = 50

/** A person's entries in a window, read anew whenever his agenda has news. */
export function useCalendar(rest: Rest, topics: Topics, userId: string, { start, end }: Span) {
  const [entries, setEntries] = useState<readonly CalendarEntry[]>()
  const [problem, setProblem] = useState<Problem>()
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const wake = () => {
      clearTimeout(timer)
      timer = setTimeout(() => setTurn((before) => before + 1), QUIET_MS)
    }
    const end = topics.watch(`person:${userId}`, { onState: wake, onEvent: wake, onClosed: () => {} })
    return () => {
      clearTimeout(timer)
      end()
    }
  }, [topics, userId])
  useEffect(() => {
    let isWanted = true
    const window = `from=${new Date(start).toISOString()}&to=${new Date(end).toISOString()}`
    void rest.list<CalendarEntry>(`/users/${userId}/calendar?${window}`).then((answer) => {
      if (!isWanted) return
      // What is shown stays: no answer is no news.
      if (answer.ok) setEntries(answer.value.map(named))
      setProblem(answer.ok ? undefined : answer.problem)
    })
    return () => {
      isWanted = false
    }
  }, [userId, start, end, turn])
  return { entries, problem, refresh: () => setTurn((before) => before + 1) }
}

/** A meeting that moved is still the same one; its entry's own id is another. */
function named(entry: CalendarEntry): CalendarEntry {
  const { meetingId, recurrenceId } = entry
  return meetingId === undefined ? entry : { ...entry, id: `${meetingId} ${recurrenceId}` }
}
