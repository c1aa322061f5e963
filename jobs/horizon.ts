import { createMeetingsStore } from '../db/meetings/meetings-tx.ts'
import { findUnextended } from '../db/notifications/due-meetings.ts'
import { extendSeries } from '../domain/meetings/extend-series.ts'
import { horizonOf } from '../domain/meetings/meeting.ts'
import { type Instant, DAY_MS, plus } from '../domain/time/instant.ts'
import { tellConflicts } from './conflict-mail.ts'
import type { JobDeps } from './deps.ts'
import type { Job, Turn } from './job.ts'
import { roundOf } from './round.ts'
import { systemActor } from './system-actor.ts'

export interface HorizonDeps extends JobDeps {
  tzVersion: string
}

const KIND = 'horizon'
/** Rows of series move by weeks; what is behind by more has lost its row. */
const SLACK_MS = 8 * DAY_MS

/** Keeps endless series materialised 13 months ahead; the subject is a meeting's id (domain/meetings/extend-series.ts). */
export function horizonJob(deps: HorizonDeps): Job {
  const meetings = { ...deps, ...createMeetingsStore(deps.pool, deps, deps.onNews) }
  return {
    kind: KIND,
    concurrency: 1,
    wakenBy({ topic, type, data }, now) {
      const isSeries = topic.startsWith('meeting:') && (data as { isRecurring?: unknown }).isRecurring === true
      return isSeries && type !== 'meeting.cancelled' ? [{ subject: topic.slice('meeting:'.length), dueAt: now }] : []
    },
    sweep: roundOf(deps.pool, async (tx, now) => {
      const ids = await findUnextended(tx, plus(horizonOf(now, now), -SLACK_MS))
      return ids.map((subject) => ({ subject, dueAt: now }))
    }),
    async run(turn: Turn): Promise<Instant | undefined> {
      const { organizationId, subject, now } = turn
      const actor = systemActor(organizationId, KIND)
      const extended = await extendSeries({ ...meetings, now: () => now }, actor, { meetingId: subject })
      if (!extended.ok) throw new Error(`a series is not extended: ${extended.error.code}`)
      await tellConflicts(deps, actor, subject, now)
      return extended.value.next
    },
  }
}
