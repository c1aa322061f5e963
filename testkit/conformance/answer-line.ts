import { refuse } from '../../domain/refusals.ts'
import { answerConflicts } from './conflicts.ts'
import { answerFreeBusy } from './freebusy.ts'
import { answerRecurrence } from './recurrence.ts'

/** Each takes a parsed case, and throws when it cannot read it. */
const ANSWERS = { recurrence: answerRecurrence, freebusy: answerFreeBusy, conflicts: answerConflicts }

type Kind = keyof typeof ANSWERS

export const KINDS = Object.keys(ANSWERS) as Kind[]

/** The answer to one line, `{ id, … }`. A line that cannot be read is answered `{ id, error }`, so that the ones after it keep their order. */
export function answerLine(kind: Kind, line: string): object {
  let id: unknown = null
  try {
    const given = JSON.parse(line)
    id = given.id ?? null
    return ANSWERS[kind](given)
  } catch (error) {
    return { id, error: refuse('invalid_input', error instanceof Error ? error.message : String(error)) }
  }
}
