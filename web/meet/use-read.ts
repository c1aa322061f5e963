import { useEffect, useState } from 'preact/hooks'
import type { Answer, Problem } from '../client/contract.ts'
import type { Topics } from '../client/topics.ts'

/** While nothing says that the server is back it is tried again this often. */
const RETRY_MS = 5_000

interface Seen<T> {
  /** What of all that was asked for it is. */
  key: string
  value: T
}

/**
 * What `read` answers, read anew whenever the key changes or `refresh` is called. What was read last stays until there is something
 * newer: `seen.key` says what it is. A server that cannot be reached or cannot answer is asked again, at the latest as soon as the
 * topics are live again.
 */
export function useRead<T>(topics: Topics, key: string, read: () => Promise<Answer<T>>) {
  const [seen, setSeen] = useState<Seen<T>>()
  const [problem, setProblem] = useState<Problem>()
  const [turn, setTurn] = useState(0)
  const refresh = () => setTurn((before) => before + 1)
  useEffect(() => {
    let isWanted = true
    void read().then((answer) => {
      if (!isWanted) return
      if (answer.ok) setSeen({ key, value: answer.value })
      setProblem(answer.ok ? undefined : answer.problem)
    })
    return () => {
      isWanted = false
    }
  }, [key, turn])
  useEffect(() => {
    if (problem === undefined || !isPassing(problem)) return
    const timer = setTimeout(refresh, RETRY_MS)
    let { phase } = topics.link.get()
    const stop = topics.link.subscribe(() => {
      const before = phase
      ;({ phase } = topics.link.get())
      if (phase === 'live' && before !== 'live') refresh()
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [problem])
  return { seen, problem, refresh }
}

function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500
}
