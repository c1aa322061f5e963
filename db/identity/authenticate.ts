import { hash } from 'node:crypto'
import { compactVerify, errors } from 'jose'
import type { Pool } from 'pg'
import { z } from 'zod'
import { type Role, ROLES } from '../../domain/identity/actor.ts'
import { ACCESS_SECONDS, type Authenticate, type Principal, type Surface } from '../../domain/identity/ports.ts'
import { type Instant, SECOND_MS } from '../../domain/time/instant.ts'
import { readOnly } from '../transaction.ts'
import type { Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'
import { seeDevice } from './devices.ts'
import { ACCESS_TYPE, AUDIENCE, DEVICE_ALGORITHM, DEVICE_TYPE, TICKET_TYPE, deviceKey } from './tokens.ts'

export interface AuthenticateOptions {
  pool: Pool
  keys: SigningKeys
  revocations: Revocations
  issuer: string
  applicationKey: Uint8Array
  now: () => Instant
}

/** Ours have some 500 characters. */
const MAX_TOKEN = 2_048
/** A hot client does not pay for a signature each time; about 5 MB. */
const MAX_VERIFIED = 10_000
/** A ticket outlives what `Revocations` remembers, so its session is looked at again this often. */
const RECHECK_MS = ACCESS_SECONDS * SECOND_MS

interface Verified {
  principal: Principal
  audience: readonly string[]
  /** Checked again from here on. */
  until: number
}

/**
 * Token in, principal out. A verified token is remembered under its hash; whether its session still lives and which role
 * its user has is asked every time, in memory. Throws only when the store is needed and away.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { now, revocations } = options
  const verified = new Map<string, Verified>()
  const check = { ...options, deviceKey: deviceKey(options.applicationKey) }

  async function look(token: string): Promise<Verified | undefined> {
    const key = hash('sha256', token, 'base64url')
    const known = verified.get(key)
    verified.delete(key)
    const found = known !== undefined && known.until > now() ? known : await verify(check, token)
    if (found === undefined) return undefined
    // Deleted and set again, it is the youngest; the first of the map is the one unused for longest.
    verified.set(key, found)
    if (verified.size > MAX_VERIFIED) verified.delete(verified.keys().next().value as string)
    return found
  }

  return async (token: string | undefined, surface: Surface) => {
    if (token === undefined || token.length > MAX_TOKEN) return undefined
    const found = await look(token)
    if (found === undefined || !found.audience.includes(AUDIENCE[surface])) return undefined
    const { principal } = found
    if (principal.expiresAt <= now() || revocations.isRevoked(principal.sessionId)) return undefined
    const change = revocations.roleChange(principal.organizationId, principal.userId)
    if (change === undefined) return principal
    return change.role === undefined ? undefined : { ...principal, role: change.role }
  }
}

const common = {
  iss: z.string(),
  sub: z.uuid(),
  org: z.uuid(),
  sid: z.uuid(),
  iat: z.int(),
}
const ends = { exp: z.int() }
const claims = {
  [ACCESS_TYPE]: z.strictObject({ ...common, ...ends, aud: z.array(z.string()), role: z.enum(ROLES) }),
  [TICKET_TYPE]: z.strictObject({ ...common, ...ends, aud: z.tuple([z.literal(AUDIENCE.socket)]) }),
  [DEVICE_TYPE]: z.strictObject({ ...common, aud: z.array(z.string()), room: z.uuid() }),
}

type Check = AuthenticateOptions & { deviceKey: Uint8Array }

async function verify(options: Check, token: string): Promise<Verified | undefined> {
  const signed = await checkSignature(options, token)
  const shape = claims[signed?.type as keyof typeof claims]
  if (signed === undefined || shape === undefined) return undefined
  const parsed = shape.safeParse(signed.claims)
  if (!parsed.success || parsed.data.iss !== options.issuer) return undefined
  const { sub: userId, org: organizationId, sid: sessionId, aud: audience } = parsed.data
  const expiresAt = 'exp' in parsed.data ? parsed.data.exp * SECOND_MS : Infinity
  if (expiresAt <= options.now()) return undefined
  const rights = await rightsOf(options, parsed.data)
  if (rights === undefined) return undefined
  const until = Math.min(expiresAt, options.now() + RECHECK_MS)
  return { principal: { organizationId, userId, ...rights, sessionId, expiresAt }, audience, until }
}

type Claims = z.output<(typeof claims)[keyof typeof claims]>

/** An access token says its role; a ticket's is the user's own by now; a device is a panel. undefined: they have ended. */
async function rightsOf(options: Check, token: Claims): Promise<Pick<Principal, 'role' | 'roomId'> | undefined> {
  if ('role' in token) return { role: token.role }
  const { org: organizationId, sub: userId, sid: sessionId } = token
  if ('room' in token) {
    const device = { organizationId, id: userId, sessionId, roomId: token.room }
    return (await seeDevice(options.pool, device, options.now())) ? { role: 'panel', roomId: token.room } : undefined
  }
  const role = await roleOfSession(options, organizationId, userId, sessionId)
  return role && { role }
}

async function checkSignature(
  { keys, deviceKey: key }: Check,
  token: string,
): Promise<{ type: unknown; claims: unknown } | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(
      token,
      async ({ kid, alg, typ }) => {
        // The type decides which algorithm may sign, never the other way round.
        const isDevice = typ === DEVICE_TYPE
        if (isDevice !== (alg === DEVICE_ALGORITHM)) throw new errors.JOSEAlgNotAllowed('not for this type')
        const found = isDevice ? key : kid === undefined ? undefined : await keys.find(kid)
        if (found === undefined) throw new errors.JWKSNoMatchingKey()
        return found
      },
      { algorithms: ['EdDSA', DEVICE_ALGORITHM] },
    )
    return { type: protectedHeader.typ, claims: JSON.parse(Buffer.from(payload).toString()) }
  } catch (error) {
    // Also jose's own TypeErrors on malformed parts, but nothing of the store.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError)
      return undefined
    throw error
  }
}

/** undefined when the session ended or its user is gone. */
async function roleOfSession(
  { pool, now }: AuthenticateOptions,
  organizationId: string,
  userId: string,
  sessionId: string,
): Promise<Role | undefined> {
  const { rows } = await readOnly(pool, organizationId, (tx) =>
    tx.query<{ role: Role }>('session-role', SESSION_ROLE, [organizationId, userId, sessionId, now()]),
  )
  return rows[0]?.role
}

const SESSION_ROLE = `
  SELECT u.role FROM identity.session s JOIN users u ON u.organization_id = s.organization_id AND u.id = s.user_id
  WHERE s.id = $3 AND s.organization_id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL
    AND s.expires_at > to_timestamp($4 / 1000.0)`
