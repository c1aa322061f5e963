import { useEffect } from 'preact/hooks'
import type { Rest } from '../client/rest.ts'
import type { Topics } from '../client/topics.ts'
import type { Span } from './day-axis.ts'
import type { CalendarEntry } from './shapes.ts'
import { useRead } from './use-read.ts'

/** News of one command come together: they are one reason to read. */
const QUIET_MS = 50

/** Entries, and the window they are all of. */
interface Diary {
  window: Span
  entries: readonly CalendarEntry[]
}

/** A person's entries in a window, read anew whenever his agenda has news. Until they are there, those of the window before. */
export function useCalendar(rest: Rest, topics: Topics, userId: string, { start, end }: Span) {
  const query = `from=${new Date(start).toISOString()}&to=${new Date(end).toISOString()}`
  const { seen, problem, refresh } = useRead<Diary>(topics, query, async () => {
    const answer = await rest.list<CalendarEntry>(`/users/${userId}/calendar?${query}`)
    return answer.ok ? { ok: true, value: { window: { start, end }, entries: answer.value.map(named) } } : answer
  })
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const wake = () => {
      clearTimeout(timer)
      timer = setTimeout(refresh, QUIET_MS)
    }
    const end = topics.watch(`person:${userId}`, { onState: wake, onEvent: wake, onClosed: () => {} })
    return () => {
      clearTimeout(timer)
      end()
    }
  }, [topics, userId])
  return { diary: seen?.value, problem, refresh }
}

/** A meeting that moved is still the same one; its entry's own id is another. */
function named(entry: CalendarEntry): CalendarEntry {
  const { meetingId, recurrenceId } = entry
  return meetingId === undefined ? entry : { ...entry, id: `${meetingId} ${recurrenceId}` }
}
