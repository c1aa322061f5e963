import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Topics } from '../client/topics.ts'
import { STEP_MINUTES, type Span } from './day-axis.ts'
import type { AvailabilityDelta, AvailabilityText } from './shapes.ts'
import { type Subjects, foldSubjects, subjectsOf } from './subjects.ts'

export interface Watched {
  id: string
  kind: 'person' | 'room'
}

/** The time of these people and rooms within the window, kept live. Empty until it is known. */
export function useAvailability(topics: Topics, watched: readonly Watched[], { start, end }: Span): Subjects {
  const [known, setKnown] = useState<Subjects>(NOTHING)
  const key = `${start} ${end} ${watched.map(({ id }) => id).join()}`
  useEffect(() => {
    if (watched.length === 0) {
      setKnown(NOTHING)
      return
    }
    const payload = {
      subjects: watched.map(({ id, kind }) => (kind === 'person' ? { userId: id } : { roomId: id })),
      window: { from: new Date(start).toISOString(), to: new Date(end).toISOString() },
      granularityMinutes: STEP_MINUTES,
    }
    return topics.watchQuery(
      { name: 'availability.watch', payload },
      {
        onState: (state) => setKnown(subjectsOf(state as AvailabilityText)),
        onEvent: ({ data }) => setKnown((before) => foldSubjects(before, data as AvailabilityDelta)),
        // Somebody in it may not be seen any more: nothing of it is shown as if it were live.
        onClosed: () => setKnown(NOTHING),
      },
    )
  }, [topics, key])
  // What is left of those who were removed meanwhile is not shown.
  return useMemo(
    () => new Map(watched.flatMap(({ id }) => (known.has(id) ? [[id, known.get(id)!] as const] : []))),
    [known, key],
  )
}

const NOTHING: Subjects = new Map()
