import { newUser } from '../people/user.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { passwordRefusal } from './password.ts'
import type { IdentityDeps } from './ports.ts'
import { type Client, type SignedIn, openSession, signIn } from './sign-in.ts'

export interface Register {
  email: string
  password: string
  firstName: string
  lastName: string
  organization: string
  timezone: string | undefined
  client: Client
}

/**
 * Founds an organisation with this person as its owner. Refuses with `invalid_input` (the password), `email_taken` or
 * `name_taken`. An e-mail address that is known only because administrators added it to theirs counts as new; their
 * memberships keep their own passwords, so this opens none of them.
 */
export async function register(deps: IdentityDeps, cmd: Register): Promise<Result<SignedIn, Refusal>> {
  const flaw = passwordRefusal(cmd.password, cmd.email)
  if (flaw !== undefined) return err(flaw)
  const hashed = await deps.passwords.hash(cmd.password)
  if (!hashed.ok) return hashed

  const now = deps.now()
  const organizationId = deps.newId()
  const { email, firstName, lastName, timezone } = cmd
  const founder = newUser(
    { id: deps.newId(), email, firstName, lastName, role: 'owner', timezone: timezone ?? 'UTC' },
    now,
  )
  const opened = await deps.transact({ organizationId, userId: founder.id }, now, async (tx) => {
    const accountId = await tx.foundAccount({ id: deps.newId(), email, passwordHash: hashed.value }, now)
    if (accountId === undefined) return err(refuse('email_taken'))
    if (!(await tx.insertOrganization({ id: organizationId, name: cmd.organization }, now))) {
      return err(
        refuse('name_taken', undefined, { errors: [{ pointer: '/organization', detail: 'Choose another name.' }] }),
      )
    }
    await tx.insertFounder(accountId, founder)
    const { client } = cmd
    return ok(
      await openSession(
        deps,
        tx,
        { accountId, organizationId, user: founder, client, action: 'organization.register' },
        now,
      ),
    )
  })
  return opened.ok ? ok(await signIn(deps, opened.value)) : opened
}
