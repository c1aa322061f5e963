import { CompactSign, UnsecuredJWT, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityOptions, type SignedIn, type TestApi, openTestApi } from '../../testkit/api.ts'
import { authRoutes } from '../../server/rest/auth.ts'
import { openIdentity } from './identity.ts'
import { SigningKeys } from './signing-keys.ts'

const DAY_MS = 86_400_000

let api: TestApi
let owner: SignedIn
let header: Record<string, string>
let claims: Record<string, unknown>
beforeAll(async () => {
  api = await openTestApi(authRoutes)
  owner = await api.register()
  const [head, body] = owner.accessToken.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  header = JSON.parse(head as string)
  claims = JSON.parse(body as string)
})
afterAll(() => api[Symbol.asyncDispose]())

describe('an access token is refused', () => {
  const refused = async (token: string) => {
    expect(await api.identity.authenticate(token, 'http')).toBeUndefined()
    expect((await api.call('GET', '/auth/profile', { token })).status).toBe(401)
  }

  test('when it is not signed, whatever its header says', async () => {
    await refused(new UnsecuredJWT(claims).encode())
    await refused(owner.accessToken.split('.').slice(0, 2).join('.') + '.')
    const none = Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')
    await refused([none, ...owner.accessToken.split('.').slice(1)].join('.'))
  })

  test('when another key signed it under our key id', async () => {
    const { privateKey } = await generateKeyPair('EdDSA')
    await refused(await signed(privateKey, header, claims))
  })

  test('when our public key is used as an HMAC secret', async () => {
    const jwks = (await api.call('GET', '/.well-known/jwks.json')).body as { keys: { x: string }[] }
    const secret = Buffer.from(jwks.keys[0]?.x as string, 'base64url')
    await refused(await signed(secret, { ...header, alg: 'HS256' }, claims))
  })

  test('when a byte of it is another one', async () => {
    const [head, body, signature] = owner.accessToken.split('.') as [string, string, string]
    const other = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url')
    await refused([head, other, signature].join('.'))
    await refused([head, body, (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)].join('.'))
  })

  test('when our own key signed what is no access token: another issuer, audience, type, a missing claim', async () => {
    const { id, privateKey } = await currentKey()
    const ours = { alg: 'EdDSA', kid: id, typ: 'at+jwt' }
    expect(await api.identity.authenticate(await signed(privateKey, ours, claims), 'http')).toBeDefined()
    await refused(await signed(privateKey, ours, { ...claims, iss: 'somebody else' }))
    await refused(await signed(privateKey, ours, { ...claims, aud: ['another surface'] }))
    await refused(await signed(privateKey, { ...ours, typ: 'JWT' }, claims))
    await refused(await signed(privateKey, ours, { ...claims, exp: undefined }))
    await refused(await signed(privateKey, ours, { ...claims, role: 'root' }))
  })

  test('when it is garbage, empty or enormous', async () => {
    for (const token of ['', 'x', '..', 'a.b.c', 'é'.repeat(300), 'a'.repeat(100_000), '{}.{}.{}']) {
      expect(await api.identity.authenticate(token, 'http')).toBeUndefined()
    }
    expect(await api.identity.authenticate(undefined, 'http')).toBeUndefined()
  })
})

describe('signing keys', () => {
  test('two nodes that start at once have one key, and read each other’s tokens', async () => {
    await using fresh = await openTestApi(authRoutes)
    await fresh.database.app.query('DELETE FROM identity.signing_key')
    const options = identityOptions(fresh.database, fresh.clock)
    // Connections that are open already, or the first node is done before the others are in.
    const clients = await Promise.all([1, 2, 3, 4].map(() => fresh.database.app.connect()))
    for (const client of clients) client.release()
    const nodes = await Promise.all([1, 2, 3, 4].map(() => SigningKeys.open(options)))
    const ids = new Set(nodes.map((node) => node.current().id))
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    expect(ids.size).toBe(1)
    expect((await fresh.database.app.query('SELECT FROM identity.signing_key')).rowCount).toBe(1)
  })

  test('a new key comes after 30 days, signs once all nodes know it, and the old one stays while it can matter', async () => {
    await using fresh = await openTestApi(authRoutes)
    const keys = await SigningKeys.open(identityOptions(fresh.database, fresh.clock))
    const first = keys.current().id
    fresh.clock.now = (fresh.clock.now + 30 * DAY_MS) as never
    await keys.refresh()
    expect(keys.jwks().keys).toHaveLength(2)
    expect(keys.current().id).toBe(first)
    fresh.clock.now = (fresh.clock.now + 10 * 60_000) as never
    const second = keys.current().id
    expect(second).not.toBe(first)
    fresh.clock.now = (fresh.clock.now + 30 * DAY_MS) as never
    expect(keys.jwks().keys.map((key) => key.kid)).toContain(first)
    fresh.clock.now = (fresh.clock.now + 2 * DAY_MS) as never
    expect(await keys.find(first)).toBeUndefined()
    await keys.refresh()
    expect(keys.jwks().keys.map((key) => key.kid)).not.toContain(first)
    await keys[Symbol.asyncDispose]()
  })

  test('a node reads a key it does not know, once a second at most', async () => {
    await using fresh = await openTestApi(authRoutes)
    const options = identityOptions(fresh.database, fresh.clock)
    const [one, two] = [await SigningKeys.open(options), await SigningKeys.open(options)]
    fresh.clock.now = (fresh.clock.now + 31 * DAY_MS) as never
    await one.refresh()
    const added = one.jwks().keys.find((key) => !two.jwks().keys.some((known) => known.kid === key.kid))
    expect(await two.find('nobody')).toBeUndefined()
    expect(await two.find(added?.kid as string)).toBeDefined()
    await one[Symbol.asyncDispose]()
    await two[Symbol.asyncDispose]()
  })

  test('the private half is sealed, and another application key says so', async () => {
    const { rows } = await api.database.app.query<{ sealed_private_key: Buffer }>(
      'SELECT sealed_private_key FROM identity.signing_key',
    )
    expect(rows[0]?.sealed_private_key.toString('latin1')).not.toContain('"d"')
    const other = { ...identityOptions(api.database, api.clock), applicationKey: new Uint8Array(32).fill(9) }
    await expect(openIdentity(other)).rejects.toThrow(/application key/)
  })
})

async function currentKey() {
  const keys = await SigningKeys.open(identityOptions(api.database, api.clock))
  await keys[Symbol.asyncDispose]()
  return keys.current()
}

function signed(key: unknown, head: object, body: object): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(body))).setProtectedHeader(head as never).sign(key as never)
}
