import type { TimeRules } from '../availability/person-rules.ts'
import type { Actor } from '../identity/actor.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type SeenVersion, versionRefusal } from '../versions.ts'
import { openPerson, savePerson } from './open-person.ts'
import type { PeopleDeps, PeopleTx } from './ports.ts'
import type { User, WorkingHours } from './user.ts'

export interface SetWorkingHours {
  userId: string
  seen: SeenVersion
  /** IANA name. Absent here and below: as it is. */
  timezone?: string | undefined
  weekly?: WorkingHours | undefined
  /** null takes a rule away. */
  rules: { [Rule in keyof TimeRules]?: TimeRules[Rule] | null | undefined }
}

/** When a person works and what he asks of meetings, with the zone all of it is in. */
export interface WorkingTime extends TimeRules {
  timezone: string
  weekly: WorkingHours
  /** Of the person. */
  version: number
}

/**
 * Says when a person works: himself, or managers. Refuses with `not_found`, `forbidden`, `version_required`, `stale` (with the
 * current ones), or `unknown_reference` for a holiday calendar that nobody has made.
 */
export async function setWorkingHours(
  deps: PeopleDeps,
  actor: Actor,
  cmd: SetWorkingHours,
): Promise<Result<WorkingTime, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const opened = await openPerson(tx, actor, cmd.userId, 'update')
    if (!opened.ok) return opened
    const before = opened.value
    const { rules: rulesBefore } = await tx.timeOf(before.id)
    const rules = withChanges(rulesBefore, cmd.rules)
    const refusal =
      versionRefusal(cmd.seen, before, () => workingTime(before, rulesBefore)) ??
      (await unknownCalendar(tx, cmd.rules.holidays))
    if (refusal !== undefined) return err(refusal)

    const { timezone = before.timezone, weekly = before.workingHours } = cmd
    const user = { ...before, timezone, workingHours: weekly }
    await tx.updateTime(user.id, { rules })
    const saved = await savePerson(tx, actor, { user, now, action: 'user.working_hours', detail: {} })
    return ok(workingTime(saved, rules))
  })
}

export function workingTime({ timezone, workingHours, version }: User, rules: TimeRules): WorkingTime {
  return { timezone, weekly: workingHours, ...rules, version }
}

function withChanges(rules: TimeRules, changes: SetWorkingHours['rules']): TimeRules {
  const sent = Object.entries(changes).filter(([, value]) => value !== undefined)
  const all = { ...rules, ...Object.fromEntries(sent) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

async function unknownCalendar(tx: PeopleTx, calendar: string | null | undefined): Promise<Refusal | undefined> {
  if (calendar === null || calendar === undefined || (await tx.holidaysOf(calendar)).length > 0) return undefined
  const detail = 'There is no such holiday calendar in this organisation.'
  return refuse('unknown_reference', detail, { errors: [{ pointer: '/holidays', detail }] })
}
