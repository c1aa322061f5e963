import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import type { NewsEvent } from '../news.ts'
import type { Refusal, RefusalCode } from '../refusals.ts'
import { type Result, ok } from '../result.ts'
import { type Instant, DAY_MS, MINUTE_MS } from '../time/instant.ts'
import { type Occupancy, type OccupancySample, foldOccupancy, silentSince } from './occupancy.ts'
import type { OccupancyDeps } from './ports.ts'
import { roomUseEvent } from './room-use-news.ts'

export interface ReportedOccupancy {
  accepted: number
  /** Samples that had come before. */
  duplicates: number
  refused: { id: string; code: RefusalCode }[]
}

/** A sensor's clock may be ahead by so much; its samples then count as of now. */
const MAX_AHEAD_MS = MINUTE_MS
/** Older than any device would keep. */
const MAX_AGE_MS = 31 * DAY_MS

/**
 * Takes what sensors say. Each sample counts once, however often it comes, and only the newest changes what a room looks like.
 * A sample that is refused (`not_found`: no such room for this actor, `forbidden`, `invalid_time`) leaves the others alone.
 */
export async function reportOccupancy(
  deps: OccupancyDeps,
  actor: Actor,
  samples: readonly OccupancySample[],
): Promise<Result<ReportedOccupancy, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const known = await tx.lockKnown([...new Set(samples.map((sample) => sample.roomId))])
    const refused = samples.flatMap((sample) => {
      const code = refusalOf(actor, sample, known, now)
      return code === undefined ? [] : [{ id: sample.id, code }]
    })
    const refusedIds = new Set(refused.map(({ id }) => id))
    const asked = samples.filter((sample) => !refusedIds.has(sample.id))
    const good = [...new Map(asked.map((sample) => [sample.id, sample])).values()]
    const fresh = await tx.keep(good, actor.userId)
    const heard = good.filter((sample) => fresh.has(sample.id))
    const changed = newWords(heard, known, now)
    await tx.write(changed)

    const looks = await tx.looks(
      [...changed].flatMap(([id, word]) => (isNews(known.get(id), word, now) ? [id] : [])),
      now,
    )
    const events = looks.map((look): NewsEvent => roomUseEvent('room.occupancy', look, now))
    if (events.length > 0) {
      const audit = { action: 'occupancy.report', subjectId: actor.userId, detail: { samples: heard.length } }
      await tx.record(actor, { events, audit })
    }
    return ok({ accepted: heard.length, duplicates: asked.length - heard.length, refused })
  })
}

function refusalOf(
  actor: Actor,
  { roomId, at }: OccupancySample,
  known: ReadonlyMap<string, Occupancy | null>,
  now: Instant,
): RefusalCode | undefined {
  const room = { kind: 'room', roomId } as const
  if (!known.has(roomId) || !can(actor, 'read', room)) return 'not_found'
  if (!can(actor, 'report', room)) return 'forbidden'
  return at > now + MAX_AHEAD_MS || at < now - MAX_AGE_MS ? 'invalid_time' : undefined
}

function newWords(
  samples: readonly OccupancySample[],
  known: ReadonlyMap<string, Occupancy | null>,
  now: Instant,
): Map<string, Occupancy> {
  const changed = new Map<string, Occupancy>()
  for (const [roomId, own] of Map.groupBy(samples, (sample) => sample.roomId)) {
    const before = known.get(roomId) ?? null
    const after = foldOccupancy(
      before,
      own.map((sample) => ({ ...sample, at: Math.min(sample.at, now) as Instant })),
    )
    if (after !== null && after !== before) changed.set(roomId, after)
  }
  return changed
}

/** Every minute's same word is not; that it is heard again after a silence is. */
function isNews(before: Occupancy | null | undefined, after: Occupancy, now: Instant): boolean {
  if (before === null || before === undefined) return true
  const wasSilent = silentSince(before, now) !== undefined && silentSince(after, now) === undefined
  return wasSilent || before.present !== after.present || before.count !== after.count
}
