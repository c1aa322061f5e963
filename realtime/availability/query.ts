import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Interval, DAY_MS } from '../../domain/time/instant.ts'
import type { SubjectRef } from './subject-times.ts'

export interface AvailabilityQuery {
  subjects: readonly SubjectRef[]
  window: Interval
  granularityMinutes: number
  /** Given: starts for a meeting of that length are told. */
  durationMinutes?: number | undefined
  /** Whom a start must suit; absent: everybody. */
  required?: readonly string[] | undefined
}

export const AVAILABILITY_BOUNDS = {
  subjects: 250,
  windowDays: 35,
  /** A page has one or two, and a tab that is left open its own. */
  watchesPerSocket: 20,
  /** What is kept and told for one socket: 250 people over 35 days, and some more. */
  subjectDaysPerSocket: 10_000,
  /** Starts are searched with every change. */
  subjectDaysWithStarts: 2_000,
  /** About 400 bytes each: some 200 MB. */
  subjectDaysPerNode: 500_000,
} as const

/** The first refusal that the question itself earns: `invalid_time`, `too_large` or `invalid_input`. */
export function wrongQuery({ window, subjects, durationMinutes, required }: AvailabilityQuery): Refusal | undefined {
  const { windowDays, subjectDaysWithStarts } = AVAILABILITY_BOUNDS
  if (window.end <= window.start) {
    const detail = 'must be after from'
    return refuse('invalid_time', `/window/to ${detail}.`, { errors: [{ pointer: '/window/to', detail }] })
  }
  if (window.end - window.start > windowDays * DAY_MS) {
    return refuse('too_large', `A standing query spans at most ${windowDays} days.`)
  }
  if (durationMinutes !== undefined && subjectDaysOf({ window, subjects }) > subjectDaysWithStarts) {
    return refuse(
      'too_large',
      `With durationMinutes, people and rooms times days are at most ${subjectDaysWithStarts}.`,
    )
  }
  if (required?.some((id) => !subjects.some((subject) => subject.id === id)) !== true) return undefined
  const detail = 'names nobody but subjects'
  return refuse('invalid_input', undefined, { errors: [{ pointer: '/required', detail }] })
}

export function subjectDaysOf({ window, subjects }: Pick<AvailabilityQuery, 'window' | 'subjects'>): number {
  return subjects.length * Math.ceil((window.end - window.start) / DAY_MS)
}
