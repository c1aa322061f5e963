import type { Actor } from '../../identity/actor.ts'
import type { Refusal } from '../../refusals.ts'
import type { Result } from '../../result.ts'
import type { MeetingsDeps, MeetingsTx } from '../ports.ts'
import { previewOf } from './preview.ts'
import type { Repairs } from './repairs.ts'
import { type OnConflict, isRefusedBooking } from '../settle-lost.ts'

interface Repairable {
  onConflict: OnConflict
  repairs?: Repairs | undefined
}

type Command<C, T> = (deps: MeetingsDeps, actor: Actor, cmd: C) => Promise<Result<T, Refusal>>

/** A room proposed may be taken by somebody else before it is booked; who loses so often in a row hears the refusal. */
const MAX_TRIES = 3

/**
 * `onConflict: "alternate_room"`: where a room is taken, closed, too small or forbidden by its rules, the command is tried again,
 * in a new transaction, with another fitting room for those occurrences; its warnings say which. Refuses like the command when
 * an occurrence finds none.
 */
export async function withOtherRooms<C extends Repairable, T>(
  deps: MeetingsDeps,
  actor: Actor,
  cmd: C,
  run: Command<C, T>,
): Promise<Result<T, Refusal>> {
  const plain: C = { ...cmd, onConflict: 'reject' }
  let last = await run(deps, actor, plain)
  for (let attempt = 0; attempt < MAX_TRIES && !last.ok && isRefusedBooking(last.error); attempt++) {
    const repairs = await findRooms(deps, actor, plain, run)
    if (repairs === undefined) return last
    last = await run(deps, actor, { ...plain, repairs })
  }
  return last
}

async function findRooms<C extends Repairable, T>(
  deps: MeetingsDeps,
  { idempotency: _, ...actor }: Actor,
  cmd: C,
  run: Command<C, T>,
): Promise<Repairs | undefined> {
  const now = deps.now()
  const previewed = await deps.transact(actor, now, async (tx) => {
    // A transaction of its own from the start: no plain booking asks this first.
    await tx.blockers([], [])
    const dry = (given: MeetingsTx, repairs: Repairs) => run(within(deps, given, now), actor, { ...cmd, repairs })
    return previewOf(tx, dry, { now, wanted: ['other_room'] })
  })
  if (!previewed.ok) return undefined
  const { verdicts, suggested } = previewed.value
  const broken = verdicts.filter(({ conflicts }) => conflicts.length > 0)
  const isMended = broken.length > 0 && broken.every(({ recurrenceId }) => suggested.has(recurrenceId))
  return isMended ? suggested : undefined
}

/** The machinery of commands inside this transaction. */
export function within(deps: MeetingsDeps, tx: MeetingsTx, now: ReturnType<MeetingsDeps['now']>): MeetingsDeps {
  return { ...deps, now: () => now, transact: (_actor, _now, work) => work(tx) }
}
