import { useState } from 'preact/hooks'
import type { Meeting, Problem } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import type { Span } from './day-axis.ts'
import { type Chosen, pathOf, staleWords, timesFor } from './meeting-change.ts'
import type { Place } from './nearest-entry.ts'
import type { Scope } from './shapes.ts'

/** Something that is done to an occurrence once it is clear how far it goes. */
interface Pending {
  question: string
  run: (scope: Scope | undefined) => Promise<boolean>
  settle: (done: boolean) => void
}

interface ChangesOptions {
  zone: string
  /** `place`: where what was changed is by now. */
  onDone: (words: string, place?: Place) => void
  /** Somebody else was quicker: what is shown of the meeting is old. */
  onStale: () => void
}

/** Changes of meetings as they were read: one at a time; of a series only after the question how far it goes. */
export function useChanges(rest: Rest, { zone, onDone, onStale }: ChangesOptions) {
  const [pending, setPending] = useState<Pending>()
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)

  /** True: it was done. False: refused, or the person thought better of it. */
  const begin = (meeting: Meeting, question: string, run: Pending['run']): Promise<boolean> => {
    if (!meeting.isRecurring) return run(undefined)
    return new Promise((settle) => setPending({ question, run, settle }))
  }
  const send = async (method: 'PATCH' | 'DELETE', path: string, body: object | undefined, { version }: Meeting) => {
    setBusy(true)
    setProblem(undefined)
    const answer = await rest.change<Meeting | undefined>(method, path, body, newKey(), version)
    setBusy(false)
    if (!answer.ok) fail(answer.problem)
    return answer
  }
  const fail = (refusal: Problem) => {
    const isStale = refusal.code === 'stale'
    setProblem(isStale ? { ...refusal, detail: staleWords(refusal, zone) } : refusal)
    if (isStale) onStale()
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
    /** `meeting` as it was read; `fields` beside the times, such as a title. */
    change: (meeting: Meeting, chosen: Chosen, to: Span, fields: object, words: string) => {
      const moves = to.start !== chosen.start || to.end !== chosen.end
      return begin(meeting, 'What should be changed?', async (scope) => {
        const body = { ...fields, ...(moves && timesFor(meeting, chosen, to, scope)) }
        const answer = await send('PATCH', pathOf(chosen, scope), body, meeting)
        // This and the following ones are another meeting from then on.
        const meetingId = (answer.ok && scope === 'following' && answer.value?.id) || chosen.meetingId
        if (answer.ok) onDone(words, { meetingId, start: new Date(to.start).toISOString() })
        return answer.ok
      })
    },
    cancel: (meeting: Meeting, chosen: Chosen) =>
      begin(meeting, 'What should be cancelled?', async (scope) => {
        const { ok } = await send('DELETE', pathOf(chosen, scope), undefined, meeting)
        if (ok) onDone('Cancelled.')
        return ok
      }),
    /** What kept a change from being made. */
    fail,
    forget: () => setProblem(undefined),
  }
}

export type Changes = ReturnType<typeof useChanges>
