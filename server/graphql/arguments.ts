import type { z } from 'zod'
import { invalid, wordIssue } from '../rest/wording.ts'
import { Refused } from './refused.ts'

/** Arguments by the same schemas as REST; pointers lead into what is given here. */
export function parsed<S extends z.ZodType>(schema: S, args: unknown): z.output<S> {
  const outcome = schema.safeParse(args, { error: wordIssue })
  if (!outcome.success) throw new Refused(invalid(outcome.error, ''))
  return outcome.data
}

/** The same of one that may be left out; null says the same as nothing. */
export function parsedIfGiven<S extends z.ZodType>(schema: S, arg: unknown): z.output<S> | undefined {
  return arg === null || arg === undefined ? undefined : parsed(schema, arg)
}

/** For filters, where null says the same as nothing. */
export function withoutNulls<T extends object>(args: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept = Object.entries(args).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept) as never
}
