import type { Problem } from '../client/contract.ts'

/** What went wrong, as a sentence, and the small number that finds it in the server's log. */
export function ProblemLine({ problem }: { problem: Problem }) {
  return (
    <>
      <p class="problem">{problem.detail}</p>
      <RequestId problem={problem} />
    </>
  )
}

export function RequestId({ problem }: { problem: Problem }) {
  return problem.requestId === undefined ? null : <p class="soft request-id">Request {problem.requestId}</p>
}
