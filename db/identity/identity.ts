import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Authenticate, IdentityDeps } from '../../domain/identity/ports.ts'
import { transact } from '../transaction.ts'
import type { DevicesDeps } from '../../domain/identity/device.ts'
import { createAuthenticate } from './authenticate.ts'
import { createDevicesStore } from './devices.ts'
import { identityTx } from './identity-tx.ts'
import { openPasswords } from './passwords.ts'
import { findCredentials, findLiveSession, findSessionOf } from './queries.ts'
import { Revocations } from './revocations.ts'
import { SigningKeys } from './signing-keys.ts'
import { createTokens } from './tokens.ts'

export interface IdentityOptions extends Clock, Ids {
  /** Acts as convoke_app. */
  pool: Pool
  log: Logger
  onNews: () => void
  /** 32 bytes, the same for every process of an installation. */
  applicationKey: Uint8Array
  /** `iss` of every token: the public address of the installation, or any name all processes share. */
  issuer: string
}

/** Everything about who is who on one process: what the doors and the commands on sessions need. */
export interface Identity extends IdentityDeps, AsyncDisposable {
  devices: DevicesDeps
  authenticate: Authenticate
  revocations: Revocations
  /** RFC 7517. */
  jwks: () => object
}

/** Needs a migrated store; makes the first signing key. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { pool, log, now, newId, onNews, applicationKey, issuer } = options
  await using opened = new AsyncDisposableStack()
  const keys = opened.use(await SigningKeys.open({ pool, applicationKey, now, log }))
  const revocations = opened.use(await Revocations.open({ pool, now, log }))
  const passwords = await openPasswords()
  const { transactDevices, ...codes } = createDevicesStore(options)
  const tokens = createTokens({ keys, applicationKey, issuer, now })
  const sessionEnded = (sessionId: string) => revocations.sessionEnded(sessionId)
  const held = opened.move()
  return {
    now,
    newId,
    passwords,
    revocations,
    tokens,
    devices: {
      now,
      newId,
      ...codes,
      sessionEnded,
      transact: transactDevices,
      deviceToken: ({ id, organizationId, sessionId, roomId }) =>
        tokens.device({ id: sessionId, organizationId, userId: id }, roomId),
    },
    authenticate: createAuthenticate({ pool, keys, revocations, issuer, applicationKey, now }),
    jwks: () => keys.jwks(),
    findCredentials: (email, organization) => findCredentials(pool, email, organization),
    findSessionOf: (refreshToken) => findSessionOf(pool, refreshToken),
    findLiveSession: (sessionId, at) => findLiveSession(pool, sessionId, at),
    sessionEnded,
    transact: (scope, at, work) =>
      transact(pool, scope, { now: at, onNews }, (tx) => work(identityTx({ newId }, tx, at))),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
