import { describe, expect, test } from 'vitest'
import { ok } from '../result.ts'
import { login } from './login.ts'
import type { Credentials, IdentityDeps } from './ports.ts'

const known: Credentials = { accountId: 'a', organizationId: 'o', userId: 'u', passwordHash: 'hash' }
const cmd = {
  email: 'a@example.org',
  password: 'wrong',
  organization: undefined,
  client: { requestId: 'r', userAgent: undefined },
}

describe('a login that fails', () => {
  test('costs one verification, whether the address is known, unknown or has no password', async () => {
    for (const credentials of [known, undefined, { ...known, passwordHash: undefined }]) {
      const verified: (string | undefined)[] = []
      const result = await login(deps(credentials, verified), cmd)
      expect(result).toMatchObject({ ok: false, error: { code: 'invalid_credentials' } })
      expect(verified).toEqual([credentials?.passwordHash])
    }
  })
})

/** Only what a failing login may touch: anything else is undefined and would throw. */
function deps(credentials: Credentials | undefined, verified: (string | undefined)[]): IdentityDeps {
  const ports: Pick<IdentityDeps, 'findCredentials' | 'passwords'> = {
    findCredentials: async () => credentials,
    passwords: {
      hash: async () => ok(''),
      async verify(hash) {
        verified.push(hash)
        return ok(false)
      },
    },
  }
  return ports as IdentityDeps
}
