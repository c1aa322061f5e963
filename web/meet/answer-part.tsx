import { useState } from 'preact/hooks'
import type { Meeting, Problem, User } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import { Field } from '../ui/field.tsx'
import { ProblemLine } from '../ui/problem-line.tsx'
import type { Chosen } from './meeting-change.ts'

interface AnswerPartProps {
  rest: Rest
  user: User
  chosen: Chosen
  series: Meeting
  shown: Meeting
  onAnswered: (words: string) => void
}

const ANSWERS = [
  ['accepted', 'Yes', 'You come.'],
  ['tentative', 'Perhaps', 'You may come.'],
  ['declined', 'No', 'You do not come.'],
] as const
const MAX_COMMENT = 1_000

/** One’s own answer, to this one or to the whole series, with a word beside it. */
export function AnswerPart({ rest, user, chosen, series, shown, onAnswered }: AnswerPartProps) {
  const [isForAll, setForAll] = useState(!series.isRecurring)
  const [comment, setComment] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const mine = (isForAll ? series : shown).participants.find(({ userId }) => userId === user.id)?.response
  const answer = async (response: string, words: string) => {
    if (isBusy) return
    setBusy(true)
    const body = {
      response,
      ...(comment.trim() !== '' && { comment: comment.trim() }),
      ...(!isForAll && { recurrenceId: chosen.recurrenceId }),
    }
    const sent = await rest.post(`/meetings/${chosen.meetingId}/rsvp`, body, newKey())
    setBusy(false)
    setProblem(sent.ok ? undefined : sent.problem)
    if (sent.ok) onAnswered(words)
  }
  return (
    <section class="sheet-part" aria-labelledby="answer-title">
      <h3 id="answer-title">Do you come?</h3>
      {series.isRecurring && (
        <fieldset class="answer-scope small">
          <legend class="unseen">Answer for</legend>
          {([false, true] as const).map((all) => (
            <label key={String(all)}>
              <input type="radio" name="answer-scope" checked={isForAll === all} onChange={() => setForAll(all)} />{' '}
              {all ? 'all of the series' : 'this one'}
            </label>
          ))}
        </fieldset>
      )}
      <div class="side-actions" role="group" aria-label="Your answer">
        {ANSWERS.map(([response, name, words]) => (
          <button
            key={response}
            type="button"
            class="button"
            aria-pressed={mine === response}
            aria-disabled={isBusy}
            onClick={() => void answer(response, words)}
          >
            {name}
          </button>
        ))}
      </div>
      <Field label="A word with it">
        {(tie) => (
          <input
            {...tie}
            maxLength={MAX_COMMENT}
            autocomplete="off"
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        )}
      </Field>
      <div role="alert">{problem && <ProblemLine problem={problem} />}</div>
    </section>
  )
}
