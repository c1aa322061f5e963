import { useState } from 'preact/hooks'
import type { Meeting, Problem } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import type { Span } from './day-axis.ts'
import { type Chosen, pathOf, timesFor } from './meeting-change.ts'
import type { Scope } from './shapes.ts'

/** Something that is done to an occurrence once it is clear how far it goes. */
interface Pending {
  question: string
  run: (scope: Scope | undefined) => Promise<boolean>
  settle: (done: boolean) => void
}

/** Changes of meetings: one at a time; of a series only after the question how far it goes. */
export function useChanges(rest: Rest, onDone: (words: string) => void) {
  const [pending, setPending] = useState<Pending>()
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)

  /** True: it was done. False: refused, or the person thought better of it. */
  const begin = (meeting: Meeting, question: string, run: Pending['run']): Promise<boolean> => {
    if (!meeting.isRecurring) return run(undefined)
    return new Promise((settle) => setPending({ question, run, settle }))
  }
  const send = async (method: 'PATCH' | 'DELETE', path: string, body: object | undefined, words: string) => {
    setBusy(true)
    setProblem(undefined)
    const answer = await rest.change<unknown>(method, path, body, newKey())
    setBusy(false)
    if (answer.ok) onDone(words)
    else setProblem(answer.problem)
    return answer.ok
  }
  return {
    problem,
    isBusy,
    question: pending?.question,
    answer: (scope: Scope | undefined) => {
      setPending(undefined)
      if (scope === undefined) pending?.settle(false)
      else void pending?.run(scope).then(pending.settle)
    },
    /** `fields` beside the times, such as a title. */
    change: (meeting: Meeting, chosen: Chosen, to: Span, fields: object, words: string) => {
      const moves = to.start !== chosen.start || to.end !== chosen.end
      return begin(meeting, 'What should be changed?', (scope) =>
        send('PATCH', pathOf(chosen, scope), { ...fields, ...(moves && timesFor(meeting, chosen, to, scope)) }, words),
      )
    },
    cancel: (meeting: Meeting, chosen: Chosen) =>
      begin(meeting, 'What should be cancelled?', (scope) =>
        send('DELETE', pathOf(chosen, scope), undefined, 'Cancelled.'),
      ),
    forget: () => setProblem(undefined),
  }
}

export type Changes = ReturnType<typeof useChanges>
