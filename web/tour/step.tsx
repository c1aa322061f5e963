import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Problem } from '../client/contract.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { Refused } from './refused.ts'

interface StepProps {
  number: number
  title: string
  /** What the button says. */
  action: string
  run: Running<unknown>
  onAct: () => void
  /** The result in one sentence, announced to who listens. */
  outcome: string | undefined
  /** Why it cannot be done here. */
  obstacle?: string | undefined
  /** What it is about. */
  lead: ComponentChildren
  /** What is to be seen. */
  children?: ComponentChildren
  /** The requests behind the button. */
  code?: ComponentChildren
}

/** One thing to see, one click away: what it is, its result as a sentence and a picture, and what was sent for it. */
export function Step({ number, title, action, run, onAct, outcome, obstacle, lead, children, code }: StepProps) {
  const id = useId()
  return (
    <section class="step" aria-labelledby={id}>
      <div class="step-about">
        <div class="step-words">
          <h2 id={id}>
            <span class="step-number figures" aria-hidden="true">
              {number}
            </span>
            {title}
          </h2>
          <p class="soft">{lead}</p>
        </div>
        {obstacle === undefined ? (
          <button type="button" class="button-main" aria-disabled={run.isBusy} onClick={onAct}>
            {run.isBusy ? 'Running…' : action}
          </button>
        ) : (
          <p class="step-obstacle">{obstacle}</p>
        )}
      </div>
      <div class="step-result">
        <p class="step-outcome" role="status">
          {run.problem === undefined && outcome}
        </p>
        <div role="alert">{run.problem && <ProblemLine problem={run.problem} />}</div>
        {children}
        {code && (
          <details class="step-code">
            <summary>What happened</summary>
            {code}
          </details>
        )}
      </div>
    </section>
  )
}

export interface Running<T> {
  isBusy: boolean
  value: T | undefined
  problem: Problem | undefined
  start: () => void
}

/** A piece of work that a button starts, one at a time. It may throw `Refused`. */
export function useRun<T>(work: () => Promise<T>): Running<T> {
  const [state, setState] = useState<Omit<Running<T>, 'start'>>({ isBusy: false, value: undefined, problem: undefined })
  const start = () => {
    if (state.isBusy) return
    setState({ ...state, isBusy: true, problem: undefined })
    work().then(
      (value) => setState({ isBusy: false, value, problem: undefined }),
      (thrown: unknown) => setState({ isBusy: false, value: undefined, problem: problemOf(thrown) }),
    )
  }
  return { ...state, start }
}

function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Refused) return thrown.problem
  reportError(thrown)
  return { status: 0, code: 'page', detail: 'This page made a mistake; its console says which.' }
}
