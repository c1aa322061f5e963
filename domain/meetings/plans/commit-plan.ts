import type { Clock, Ids } from '../../deps.ts'
import type { Actor } from '../../identity/actor.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import { type Instant, MINUTE_MS, plus } from '../../time/instant.ts'
import type { LocalTime } from '../../time/local-time.ts'
import { within } from './alternate-rooms.ts'
import { type BookMeeting, type Booked, bookMeeting } from '../book-meeting.ts'
import type { ChangeMeeting, Changed } from '../edits/change-command.ts'
import { changeMeeting } from '../edits/change-meeting.ts'
import type { MeetingsDeps, MeetingsTx } from '../ports.ts'
import { type Preview, previewOf } from './preview.ts'
import type { ProposedRepair, RepairKind, Repairs } from './repairs.ts'
import { isRefusedBooking } from '../settle-lost.ts'

/** What is planned: a new meeting, or a change of one that has been read. */
export type Subject =
  { kind: 'book'; cmd: Omit<BookMeeting, 'repairs'> } | { kind: 'change'; cmd: Omit<ChangeMeeting, 'repairs' | 'seen'> }

/** A preview as it is kept until it is committed; everything in it is JSON. */
export interface Plan {
  id: string
  userId: string
  createdAt: Instant
  expiresAt: Instant
  subject: Subject
  /** Of the meeting that is changed, as it was previewed. */
  version: number | null
  /** How many live occurrences there were. */
  total: number
  /** Of the occurrences that are in conflict, the suggested first. */
  repairs: [LocalTime, ProposedRepair[]][]
  /** Of those the ones for which something is suggested. */
  suggested: LocalTime[]
}

/** What commands on plans need of one transaction. */
export interface PlansTx {
  meetings: MeetingsTx
  /** Keeps it, and drops the person's oldest beyond MAX_PLANS. */
  keep(plan: Plan): Promise<void>
  /** Takes it out: nobody else gets it unless this transaction fails. */
  take(id: string): Promise<Plan | undefined>
}

export interface PlansDeps extends Clock, Ids {
  tzVersion: string
  /** One transaction; only an `ok` commits. */
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: PlansTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}

/** Long enough to read it and decide. */
const PLAN_TTL_MS = 10 * MINUTE_MS
/** Of one person: what a page asks while somebody drags about. */
export const MAX_PLANS = 20

export interface Planned extends Preview {
  planId: string
  expiresAt: Instant
}

/** Which repairs are made: none, the suggested ones, or of each occurrence the kind that was chosen. */
export type Choice = 'none' | 'suggested' | ReadonlyMap<string, RepairKind>

/** What a booking or a change would meet, kept for `commitPlan`. Writes nothing else. Refuses like the command it plans. */
export async function previewPlan(deps: PlansDeps, actor: Actor, subject: Subject): Promise<Result<Planned, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const run = (dry: MeetingsTx, repairs: Repairs) => commandOf(deps, actor, dry, now, subject, { repairs, seen: '*' })
    const standing = subject.kind === 'change' ? await tx.meetings.load(subject.cmd.meetingId) : undefined
    const previewed = await previewOf(tx.meetings, run, { now })
    if (!previewed.ok) return previewed
    const { verdicts, suggested } = previewed.value
    const broken = verdicts.filter(({ conflicts }) => conflicts.length > 0)
    const plan: Plan = {
      id: deps.newId(),
      userId: actor.userId,
      createdAt: now,
      expiresAt: plus(now, PLAN_TTL_MS),
      subject,
      version: standing?.meeting.version ?? null,
      total: verdicts.length,
      repairs: broken.map(({ recurrenceId, repairs }) => [recurrenceId, repairs]),
      suggested: [...suggested.keys()],
    }
    await tx.keep(plan)
    return ok({ ...previewed.value, planId: plan.id, expiresAt: plan.expiresAt })
  })
}

export type Committed = { kind: 'book'; value: Booked } | { kind: 'change'; value: Changed }

/**
 * Does what was planned, with the repairs that are chosen; the store judges as always, so what has changed since is found. Once:
 * the plan is gone then. Refuses with `not_found` (no such plan), `stale_plan` (it is too old, or no longer possible; with what
 * is in the way), `invalid_input` (a repair that was not proposed), or like the command where the plan itself left a conflict.
 */
export async function commitPlan(
  deps: PlansDeps,
  actor: Actor,
  { planId, repairs: choice }: { planId: string; repairs: Choice },
): Promise<Result<Committed, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const plan = await tx.take(planId)
    if (plan === undefined || plan.userId !== actor.userId) {
      return err(refuse('not_found', 'You have no such plan; it may have been committed.'))
    }
    if (plan.expiresAt <= now) return err(stale({ code: 'stale_plan', detail: 'The plan has lapsed.' }))
    const chosen = chosenRepairs(plan, choice)
    if (!chosen.ok) return chosen
    const given = { repairs: chosen.value, seen: plan.version ?? ('*' as const) }
    const done = await commandOf(deps, actor, tx.meetings, now, plan.subject, given)
    if (done.ok) return done
    const isWhole = plan.repairs.every(([id]) => chosen.value.has(id))
    const { code } = done.error
    if (code === 'stale' || code === 'illegal_transition') return err(stale(done.error))
    return err(isWhole && isRefusedBooking(done.error) ? stale(done.error) : done.error)
  })
}

function stale({ detail, conflicts = [], suggestions = [] }: Refusal): Refusal {
  return refuse('stale_plan', detail, { conflicts, suggestions })
}

function chosenRepairs(plan: Plan, choice: Choice): Result<Repairs, Refusal> {
  if (choice === 'none') return ok(new Map())
  const repairs = new Map<LocalTime, ProposedRepair>()
  const wanted =
    choice === 'suggested' ? new Map(plan.suggested.map((id) => [id as string, undefined])) : new Map(choice)
  for (const [recurrenceId, proposed] of plan.repairs) {
    if (!wanted.has(recurrenceId)) continue
    const kind = wanted.get(recurrenceId)
    const repair = proposed.find((one) => kind === undefined || one.kind === kind)
    wanted.delete(recurrenceId)
    if (repair === undefined) return err(notProposed(recurrenceId))
    repairs.set(recurrenceId, repair)
  }
  const [unknown] = wanted.keys()
  if (unknown !== undefined) return err(notProposed(unknown))
  const skipped = [...repairs.values()].filter(({ kind }) => kind === 'skip').length
  if (skipped === 0 || skipped < plan.total) return ok(repairs)
  return err(refuse('slot_conflict', 'That would leave no occurrence at all.', { conflicts: [], suggestions: [] }))
}

function notProposed(recurrenceId: string): Refusal {
  const detail = 'was not proposed for that occurrence.'
  const errors = [{ pointer: `/repairs/${recurrenceId.slice(0, 20)}`, detail }]
  return refuse('invalid_input', `A repair ${detail}`, { errors })
}

/** The command itself, in a transaction that is given. */
async function commandOf(
  deps: PlansDeps,
  actor: Actor,
  tx: MeetingsTx,
  now: Instant,
  subject: Subject,
  { repairs, seen }: { repairs: Repairs; seen: number | '*' },
): Promise<Result<Committed, Refusal>> {
  const inside = within({ ...deps, transact: notHere }, tx, now)
  if (subject.kind === 'book') {
    const booked = await bookMeeting(inside, actor, { ...subject.cmd, onConflict: 'reject', repairs })
    return booked.ok ? ok({ kind: 'book', value: booked.value }) : booked
  }
  const version = { ifVersion: seen, version: undefined }
  const changed = await changeMeeting(inside, actor, {
    ...subject.cmd,
    onConflict: 'reject',
    seen: version,
    repairs,
  })
  return changed.ok ? ok({ kind: 'change', value: changed.value }) : changed
}

const notHere: MeetingsDeps['transact'] = () => {
  throw new Error('a planned command runs in the transaction it is given')
}
