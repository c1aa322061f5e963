import type { Problem } from '../client/contract.ts'

/** Ends a step of the tour with the server's sentence, or one of the page's own. */
export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem | string) {
    super(typeof problem === 'string' ? problem : problem.detail)
    this.problem = typeof problem === 'string' ? { status: 0, code: 'tour', detail: problem } : problem
  }
}
