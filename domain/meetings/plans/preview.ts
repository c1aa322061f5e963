import type { Conflict, Refusal } from '../../refusals.ts'
import { type Result, ok } from '../../result.ts'
import type { Instant, Interval } from '../../time/instant.ts'
import type { LocalTime } from '../../time/local-time.ts'
import { type Asked, openDryRun } from './dry-run.ts'
import { blockedBy } from '../claims.ts'
import { type Occurrence, isLive } from '../meeting.ts'
import { lookOf } from '../occurrence-look.ts'
import type { Blockable, MeetingsTx } from '../ports.ts'
import type { ProposedRepair, RepairKind, Repairs } from './repairs.ts'
import { type OccurrenceConflict, conflictsPerOccurrence, isRefusedBooking } from '../settle-lost.ts'
import { proposeRepairs } from './suggest-repairs.ts'

/** A command on a meeting with these repairs, in a transaction that is given; it may write nothing there. */
export type Run = (tx: MeetingsTx, repairs: Repairs) => Promise<Result<unknown, Refusal>>

export interface Verdict extends Interval {
  recurrenceId: LocalTime
  conflicts: Conflict[]
  /** What would work instead, the suggested one first. Empty when nothing is in the way. */
  repairs: ProposedRepair[]
}

export interface Preview {
  /** Live occurrences in the order of time. */
  verdicts: Verdict[]
  /** The first repair of every conflict; together they were found to be free of conflicts. */
  suggested: Repairs
}

/** A rule refuses up to 200 occurrences at a time, of one room after the other. */
const MAX_ROUNDS = 40
/** An occurrence has three kinds of repairs at most, and loses one with each try. */
const MAX_TRIES = 4

/**
 * What a booking or a change would meet, occurrence by occurrence, and what would work instead. The command itself is run dry,
 * so what a preview finds free is what a commit books if nothing changes. Refuses like the command where that has nothing to
 * do with single occurrences.
 */
export async function previewOf(
  tx: MeetingsTx,
  run: Run,
  { now, wanted }: { now: Instant; wanted?: readonly RepairKind[] },
): Promise<Result<Preview, Refusal>> {
  const judged = await judge(tx, run, new Map())
  if (!judged.ok) return judged
  const { asked, conflicts } = judged.value
  const live = asked.aggregate.occurrences.filter((one) => isLive(one) || conflicts.has(one.recurrenceId))
  const broken = live.filter((one) => conflicts.has(one.recurrenceId))
  const proposed = await proposeRepairs(tx, { asked, broken, conflicts, now, wanted })
  const suggested = await triedTogether(tx, run, proposed, live.length)
  return ok({
    verdicts: live.map(({ recurrenceId, start, end }) => ({
      ...{ recurrenceId, start, end },
      conflicts: conflicts.get(recurrenceId) ?? [],
      repairs: proposed.get(recurrenceId) ?? [],
    })),
    suggested,
  })
}

type Conflicts = ReadonlyMap<LocalTime, Conflict[]>

/** What is in the way with these repairs: what rules forbid is left out and asked again until only the store has a say. */
async function judge(
  tx: MeetingsTx,
  run: Run,
  repairs: Repairs,
): Promise<Result<{ asked: Asked; conflicts: Conflicts }, Refusal>> {
  const conflicts = new Map<LocalTime, Conflict[]>()
  const leftOut = new Map(repairs)
  for (let round = 0; ; round++) {
    const dry = openDryRun(tx)
    const ran = await run(dry.tx, leftOut)
    const asked = dry.asked()
    if (ran.ok && asked !== undefined) {
      const forbidden = asked.aggregate.occurrences.filter((one) => conflicts.has(one.recurrenceId))
      addAll(conflicts, await blockersOf(tx, asked, forbidden))
      return ok({ asked, conflicts })
    }
    if (ran.ok) throw new Error('a command claimed nothing and said yes')
    const told = isRefusedBooking(ran.error) ? conflictsPerOccurrence(ran.error) : []
    if (told.length === 0 || round === MAX_ROUNDS) return ran
    addAll(conflicts, told)
    for (const { recurrenceId } of told) leftOut.set(recurrenceId, { kind: 'skip' })
  }
}

/** `forbidden`: occurrences that claim nothing because of a rule; their rooms may be taken besides. */
async function blockersOf(
  tx: MeetingsTx,
  asked: Asked,
  forbidden: readonly Occurrence[],
): Promise<OccurrenceConflict[]> {
  const { claims, released } = asked
  const rooms = [...claims.filter((claim) => claim.exclusive), ...(await wantedBy(tx, asked, forbidden))]
  return rooms.length === 0 ? [] : tx.blockers(rooms, released)
}

async function wantedBy(
  tx: MeetingsTx,
  { aggregate }: Asked,
  occurrences: readonly Occurrence[],
): Promise<Blockable[]> {
  if (occurrences.length === 0) return []
  const looks = occurrences.map((occurrence) => ({ occurrence, ...lookOf(aggregate, occurrence) }))
  const { rooms } = await tx.facts([...new Set(looks.flatMap(({ roomIds }) => roomIds))], [], [])
  return looks.flatMap(({ occurrence, roomIds }) =>
    roomIds
      .flatMap((id) => rooms.get(id) ?? [])
      .map((room): Blockable => {
        const { start: blockedFrom, end: blockedUntil } = blockedBy(room, occurrence)
        return { resourceId: room.id, recurrenceId: occurrence.recurrenceId, blockedFrom, blockedUntil }
      }),
  )
}

function addAll(conflicts: Map<LocalTime, Conflict[]>, told: readonly OccurrenceConflict[]): void {
  for (const conflict of told) {
    conflicts.set(conflict.recurrenceId, [...(conflicts.get(conflict.recurrenceId) ?? []), conflict])
  }
}

/**
 * The first proposals, tried together: where one meets another, the next one of that occurrence is tried. Nothing is suggested
 * that would leave no occurrence at all.
 */
async function triedTogether(
  tx: MeetingsTx,
  run: Run,
  proposed: Map<LocalTime, ProposedRepair[]>,
  total: number,
): Promise<Repairs> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const first = new Map([...proposed].flatMap(([id, [repair]]) => (repair === undefined ? [] : [[id, repair]])))
    const skipped = [...first.values()].filter(({ kind }) => kind === 'skip').length
    if (first.size === 0 || skipped === total) break
    const together = await judge(tx, run, first)
    if (!together.ok) break
    const failed = [...first.keys()].filter((id) => together.value.conflicts.has(id))
    // A single meeting that moves has another identity then.
    const isFree = failed.length === 0 && (total > 1 || together.value.conflicts.size === 0)
    if (isFree) return first
    for (const id of total > 1 ? failed : first.keys()) proposed.set(id, (proposed.get(id) ?? []).slice(1))
  }
  for (const id of proposed.keys()) proposed.set(id, [])
  return new Map()
}
