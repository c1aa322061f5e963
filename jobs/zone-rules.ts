import { createMeetingsStore } from '../db/meetings/meetings-tx.ts'
import { findOutdatedZones } from '../db/meetings/outdated-zones.ts'
import { resolveAnew } from '../domain/meetings/resolve-anew.ts'
import { type Instant, HOUR_MS } from '../domain/time/instant.ts'
import { tellConflicts } from './conflict-mail.ts'
import type { JobDeps } from './deps.ts'
import type { SingleJob, Turn } from './job.ts'
import { roundOf } from './round.ts'
import { systemActor } from './system-actor.ts'

export interface ZoneRulesDeps extends JobDeps {
  /** Of this process' zone data, as `2026c`; later ones sort later. */
  tzVersion: string
}

const KIND = 'zone_rules'
/**
 * An organisation in which nothing was outdated is asked again this much later: only a node with older zone data can have
 * written there since, and the question reads every meeting.
 */
const ASK_AGAIN_MS = HOUR_MS
/** Organisations remembered as up to date. Beyond that the oldest are asked again, which costs a look and no more. */
const MAX_REMEMBERED = 50_000

/**
 * When the rules of zones have changed, what is still to come is resolved again from its wall clock; the subject is a meeting's
 * id (domain/meetings/resolve-anew.ts). People hear of new times as of any change; whose room is taken there hears that too.
 */
export function zoneRulesJob(deps: ZoneRulesDeps): SingleJob {
  const meetings = { ...deps, ...createMeetingsStore(deps.pool, deps, deps.onNews) }
  const upToDate = new Map<string, Instant>()
  return {
    kind: KIND,
    concurrency: 1,
    sweep: roundOf(deps.pool, async (tx, now) => {
      const askedAt = upToDate.get(tx.organizationId)
      if (askedAt !== undefined && now < askedAt + ASK_AGAIN_MS) return []
      const ids = await findOutdatedZones(tx, deps.tzVersion)
      upToDate.delete(tx.organizationId)
      if (ids.length === 0) upToDate.set(tx.organizationId, now)
      for (const oldest of upToDate.keys()) {
        if (upToDate.size <= MAX_REMEMBERED) break
        upToDate.delete(oldest)
      }
      return ids.map((subject) => ({ subject, dueAt: now }))
    }),
    async run(turn: Turn): Promise<undefined> {
      const { organizationId, subject, now } = turn
      const actor = systemActor(organizationId, KIND)
      const resolved = await resolveAnew({ ...meetings, now: () => now }, actor, { meetingId: subject })
      if (!resolved.ok) throw new Error(`a meeting is not resolved anew: ${resolved.error.code}`)
      await tellConflicts(deps, actor, subject, now)
    },
  }
}
