import type { NewsRow } from '../db/news-log.ts'
import type { Due } from '../db/jobs/due.ts'
import type { Instant } from '../domain/time/instant.ts'

/** One turn of one piece of work. It may come twice, and late: the truth is read again before anything is done. */
export interface Turn extends Omit<Turns, 'subjects'> {
  subject: string
  /** When it was to be done; `now` is when it is. */
  dueAt: Instant
  /** 1 for the first try. */
  attempt: number
}

/** Turns of one kind in one organisation, done together. */
export interface Turns {
  organizationId: string
  /** Each once. */
  subjects: readonly string[]
  now: Instant
  /** The process stops, or it takes too long. */
  signal: AbortSignal
}

/** By subject: when it is due again, or why its turn has failed. What is missing is done until something puts it anew. */
export type Ends = ReadonlyMap<string, Instant | Error>

/** A kind of work that time brings. Its rows in `due` are the truth; a queue only wakes it. */
export type Job = SingleJob | BatchJob

export interface SingleJob extends WokenJob {
  /** Does what is due. Answers when the subject is due again; undefined: not until something puts it there anew. A throw is tried again. */
  run: (turn: Turn) => Promise<Instant | undefined>
}

interface BatchJob extends WokenJob {
  /** Does what is due of several subjects. When it throws each is tried alone, so it may come again for what it has begun. */
  runAll: (turns: Turns) => Promise<Ends>
  /** The most subjects at a time. */
  together: number
}

interface WokenJob {
  kind: string
  /** Committed news after which a subject may be due earlier than its row says. */
  wakenBy?: (news: NewsRow, now: Instant) => readonly Omit<Due, 'kind'>[]
  /**
   * Subjects that should have a row, in all organisations: asked at the start and once a minute, so that no lost wake-up
   * stays lost and data older than the job gets its rows. Bounded: it answers some thousands at most, and goes on from there
   * the next time. An earlier row, one whose last run failed, and one given up stand as they are.
   */
  sweep?: (now: Instant) => Promise<readonly Missed[]>
  /** The longest run, after which `signal` aborts and what it had not done has failed; 30 s when absent. */
  timeoutMs?: number
  /** Runs of this kind at a time in one process; 4 when absent. */
  concurrency?: number
}

export interface Missed extends Omit<Due, 'kind'> {
  organizationId: string
}

/** The organisation of work that belongs to the whole installation. It has no rows of any tenant. */
export const INSTALLATION = '00000000-0000-0000-0000-000000000000'
