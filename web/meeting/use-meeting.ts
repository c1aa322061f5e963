import { useEffect, useState } from 'preact/hooks'
import type { Meeting, Problem } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Topics } from '../client/topics.ts'

export interface Seen {
  meeting: Meeting | undefined
  problem: Problem | undefined
}

/** The meeting as this person may see it, kept live. What is not for him (any more) ends as a problem. */
export function useMeeting(rest: Rest, topics: Topics, id: string): Seen & { retry: () => void } {
  const [seen, setSeen] = useState<Seen>({ meeting: undefined, problem: undefined })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let isWanted = true
    const show = (meeting: Meeting) => isWanted && setSeen({ meeting, problem: undefined })
    const read = async () => {
      const answer = await rest.get<Meeting>(`/meetings/${id}`)
      if (answer.ok) show(answer.value)
      // What is shown stays: no answer is no news.
      else if (isWanted)
        setSeen(({ meeting }) => ({
          meeting: answer.problem.status === 0 ? meeting : undefined,
          problem: answer.problem,
        }))
    }
    setSeen(({ meeting }) => ({ meeting: meeting?.id === id ? meeting : undefined, problem: undefined }))
    void read()
    const end = topics.watch(`meeting:${id}`, {
      onState: (state) => show(state as Meeting),
      onEvent: ({ data }) => show(data as Meeting),
      // Its time may be known still, or nothing of it.
      onClosed: () => void read(),
    })
    return () => {
      isWanted = false
      end()
    }
  }, [id, attempt])
  return { ...seen, retry: () => setAttempt(attempt + 1) }
}
