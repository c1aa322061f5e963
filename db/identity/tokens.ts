import { createHmac, randomBytes } from 'node:crypto'
import { CompactSign } from 'jose'
import { ACCESS_SECONDS, type SessionTokens, type Surface } from '../../domain/identity/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { deriveKey } from './application-key.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface TokensOptions {
  keys: SigningKeys
  applicationKey: Uint8Array
  /** `iss` of every token. */
  issuer: string
  now: () => Instant
}

/** `aud` of each surface. A token lists those it opens. */
export const AUDIENCE: Record<Surface, string> = { http: 'convoke:http', socket: 'convoke:socket' }
export const ACCESS_TYPE = 'at+jwt'
export const TICKET_TYPE = 'ticket+jwt'
export const DEVICE_TYPE = 'device+jwt'
/** A panel hangs on its wall for years, longer than any signing key: what its token is signed with comes from the application key. */
export const DEVICE_ALGORITHM = 'HS256'

export function deviceKey(applicationKey: Uint8Array): Uint8Array {
  return deriveKey(applicationKey, 'device tokens')
}

/** Signed access tokens, socket tickets and device tokens, and the opaque refresh tokens. */
export function createTokens({ keys, applicationKey, issuer, now }: TokensOptions): SessionTokens {
  const successorKey = deriveKey(applicationKey, 'refresh successors')
  const signsDevices = deviceKey(applicationKey)

  function sign(typ: string, claims: { iat: number; exp: number } & Record<string, unknown>): Promise<string> {
    const { id, privateKey } = keys.current()
    return new CompactSign(Buffer.from(JSON.stringify({ iss: issuer, ...claims })))
      .setProtectedHeader({ alg: 'EdDSA', kid: id, typ })
      .sign(privateKey)
  }

  return {
    access({ id, organizationId, userId }, role) {
      const iat = seconds(now())
      const aud = [AUDIENCE.http, AUDIENCE.socket]
      return sign(ACCESS_TYPE, { aud, sub: userId, org: organizationId, sid: id, role, iat, exp: iat + ACCESS_SECONDS })
    },
    // No role: it is read when the ticket is used, which may be weeks later.
    socketTicket({ id, organizationId, userId, expiresAt }) {
      const times = { iat: seconds(now()), exp: seconds(expiresAt) }
      return sign(TICKET_TYPE, { aud: [AUDIENCE.socket], sub: userId, org: organizationId, sid: id, ...times })
    },
    device({ id, organizationId, userId }, roomId) {
      const aud = [AUDIENCE.http, AUDIENCE.socket]
      const claims = { iss: issuer, aud, sub: userId, org: organizationId, sid: id, room: roomId, iat: seconds(now()) }
      return new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: DEVICE_ALGORITHM, typ: DEVICE_TYPE })
        .sign(signsDevices)
    },
    newRefreshToken: () => randomBytes(32).toString('base64url'),
    successorOf: (refreshToken) => createHmac('sha256', successorKey).update(refreshToken).digest('base64url'),
  }
}

function seconds(at: Instant): number {
  return Math.floor(at / 1000)
}
