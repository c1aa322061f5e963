import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { IdentityDeps } from './ports.ts'
import { type Client, type SignedIn, openSession, signIn } from './sign-in.ts'

export interface Login {
  email: string
  password: string
  /** Name or id; needed only by who belongs to several. */
  organization: string | undefined
  client: Client
}

/** Always `invalid_credentials`, after the same work, whichever of e-mail, password and organisation is wrong. */
export async function login(deps: IdentityDeps, cmd: Login): Promise<Result<SignedIn, Refusal>> {
  const credentials = await deps.findCredentials(cmd.email, cmd.organization)
  const verified = await deps.passwords.verify(credentials?.passwordHash, cmd.password)
  if (!verified.ok) return verified
  if (!verified.value || credentials === undefined) return err(refuse('invalid_credentials'))

  const now = deps.now()
  const opened = await deps.transact(credentials, now, async (tx) => {
    const user = await tx.findUser(credentials.userId)
    if (user === undefined) return err(refuse('invalid_credentials'))
    const { accountId, organizationId } = credentials
    return ok(
      await openSession(deps, tx, { accountId, organizationId, user, client: cmd.client, action: 'session.open' }, now),
    )
  })
  return opened.ok ? ok(await signIn(deps, opened.value)) : opened
}
