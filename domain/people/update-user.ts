import type { Actor, Role } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type SeenVersion, staleRefusal, versionRefusal } from '../versions.ts'
import type { PeopleDeps } from './ports.ts'
import { type User, userView } from './user.ts'

export interface UpdateUser {
  id: string
  seen: SeenVersion
  /** True: a writer who names no version overwrites (one's own profile). */
  versionOptional?: true
  /** What is absent stays. `preferences` is replaced whole. */
  changes: Partial<Pick<User, 'firstName' | 'lastName' | 'department' | 'role' | 'timezone' | 'preferences'>>
}

/**
 * Changes a person: oneself, or anybody for managers; roles only for managers and never one's own. Refuses with
 * `not_found`, `forbidden`, `version_required`, `stale`, or `illegal_transition` when no owner would be left.
 */
export async function updateUser(deps: PeopleDeps, actor: Actor, cmd: UpdateUser): Promise<Result<User, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const owners = cmd.changes.role === undefined ? [] : await tx.lockOwners()
    const user = await tx.load(cmd.id)
    if (user === undefined) return err(refuse('not_found'))
    const refusal = updateRefusal(actor, cmd, user, owners)
    if (refusal !== undefined) return err(refusal)

    const updated: User = { ...user, ...cmd.changes, version: user.version + 1, updatedAt: now }
    await tx.update(updated)
    if (updated.role !== user.role) await tx.noteAccessChange(user.id, now)
    const fields = Object.keys(cmd.changes)
    const roles = updated.role === user.role ? {} : { from: user.role, to: updated.role }
    await tx.record(actor, {
      events: [{ topic: `person:${user.id}`, type: 'user.updated', data: userView(updated) }],
      audit: { action: 'user.update', subjectId: user.id, detail: { version: updated.version, fields, ...roles } },
    })
    return ok(updated)
  })
}

/** In the contract's order: 404, 403, 428, 412, 409. */
export function updateRefusal(
  actor: Actor,
  { changes, seen, versionOptional }: UpdateUser,
  user: User,
  owners: readonly string[],
): Refusal | undefined {
  const resource = { kind: 'user', userId: user.id } as const
  if (!can(actor, 'read', resource)) return refuse('not_found')
  if (!can(actor, 'update', resource)) return refuse('forbidden')
  const { role = user.role } = changes
  const changesRole = role !== user.role
  if (changesRole && !mayChangeRole(actor, user, role)) {
    return refuse(
      'forbidden',
      'Roles are given by owners and admins, to others only; the owner role by owners only; a panel stays one.',
    )
  }
  const outdated = (versionOptional ? staleRefusal : versionRefusal)(seen, user, () => userView(user))
  if (outdated !== undefined) return outdated
  if (changesRole && owners.length === 1 && owners[0] === user.id) {
    return refuse('illegal_transition', 'An organisation keeps at least one owner.')
  }
  return undefined
}

function mayChangeRole(actor: Actor, user: User, to: Role): boolean {
  if (actor.userId === user.id || actor.delegateId === user.id || user.role === 'panel') return false
  const needsOwner = to === 'owner' || user.role === 'owner'
  return actor.role === 'owner' || (actor.role === 'admin' && !needsOwner)
}
