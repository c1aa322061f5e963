import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { passwordRefusal } from '../identity/password.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { PeopleDeps } from './ports.ts'
import { type NewUser, type User, newUser } from './user.ts'

export interface CreateUser extends Omit<NewUser, 'id'> {
  password: string | undefined
}

/**
 * Adds a person to the organisation, with a password for this organisation or a door that is still closed. Whether the
 * e-mail address is known elsewhere changes neither the answer nor anything there. Refuses with `forbidden`,
 * `invalid_input` (the password) or `email_taken` (in this organisation).
 */
export async function createUser(deps: PeopleDeps, actor: Actor, cmd: CreateUser): Promise<Result<User, Refusal>> {
  const { password, ...given } = cmd
  const refusal = createRefusal(actor, cmd)
  if (refusal !== undefined) return err(refusal)
  // Before the transaction: hashing takes tens of milliseconds.
  const hashed = password === undefined ? ok(undefined) : await deps.passwords.hash(password)
  if (!hashed.ok) return hashed

  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const user = newUser({ ...given, id: deps.newId() }, now)
    if (!(await tx.insert(user))) {
      return err(refuse('email_taken', 'Somebody in this organisation has this e-mail address.'))
    }
    await tx.giveAccess(user, hashed.value)
    await tx.record(actor, {
      events: [],
      audit: { action: 'user.create', subjectId: user.id, detail: { role: user.role } },
    })
    return ok(user)
  })
}

function createRefusal(actor: Actor, { email, role, password }: CreateUser): Refusal | undefined {
  if (!can(actor, 'create', { kind: 'user', userId: '' })) return refuse('forbidden')
  if (role === 'owner' && actor.role !== 'owner') return refuse('forbidden', 'Only an owner makes owners.')
  return password === undefined ? undefined : passwordRefusal(password, email)
}
