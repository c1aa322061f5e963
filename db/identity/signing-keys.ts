import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { Pool, PoolClient } from 'pg'
import type { Logger } from 'pino'
import { SESSION_MS } from '../../domain/identity/session.ts'
import { type Instant, DAY_MS, MINUTE_MS, SECOND_MS, plus } from '../../domain/time/instant.ts'
import { Nap } from '../nap.ts'
import { type Outage, createOutage } from '../outage.ts'
import { deriveKey, seal, unseal } from './application-key.ts'

const SIGNS_FOR_MS = 30 * DAY_MS
/** How often nodes look for keys of others; a new key signs only when all must have seen it. */
const REFRESH_MS = 5 * MINUTE_MS
const SETTLES_MS = 2 * REFRESH_MS
/** A socket ticket lives as long as a session, and is signed at the last moment a key signs. */
const VALID_MS = SIGNS_FOR_MS + SESSION_MS + DAY_MS
/** Unknown key ids cost a read at most this often, whoever sends them. */
const RELOAD_GAP_MS = SECOND_MS
const ADVISORY_LOCK = 7_262_012
const ALGORITHM = 'EdDSA'

interface SigningKey {
  id: string
  publicJwk: JWK
  publicKey: CryptoKey
  privateKey: CryptoKey
  createdAt: Instant
  retiresAt: Instant
}

export interface SigningKeysOptions {
  pool: Pool
  /** 32 bytes; seals the private halves in the store. */
  applicationKey: Uint8Array
  now: () => Instant
  log: Logger
}

/**
 * The Ed25519 keys that sign tokens, kept in the store for all nodes. Invariant: a key is known, here and in the JWKS,
 * until nothing signed by it can be valid; a key signs for 30 days, and only when every node has had time to learn it.
 */
export class SigningKeys implements AsyncDisposable {
  readonly #options: SigningKeysOptions
  readonly #sealKey: Uint8Array
  readonly #outage: Outage
  readonly #nap = new Nap()
  #keys = new Map<string, SigningKey>()
  #reloadedAt = -Infinity
  #stopped = false
  #rounds: Promise<void> = Promise.resolve()

  constructor(options: SigningKeysOptions) {
    this.#options = options
    this.#sealKey = deriveKey(options.applicationKey, 'signing keys')
    this.#outage = createOutage(options.log, 'signing keys')
  }

  /** Makes the first key or the next one when it is time. Fails when the application key does not open what is there. */
  static async open(options: SigningKeysOptions): Promise<SigningKeys> {
    const keys = new SigningKeys(options)
    await keys.refresh()
    keys.#rounds = keys.#refreshAlways()
    return keys
  }

  /** The key to sign with now. */
  current(): { id: string; privateKey: CryptoKey } {
    const now = this.#options.now()
    const fit = [...this.#keys.values()].filter((key) => plus(now, SESSION_MS) <= key.retiresAt)
    const settled = fit.filter((key) => key.createdAt <= now - SETTLES_MS)
    // Newest of the settled; in an installation's first minutes there is none, and its first key is the one all have.
    const key = settled.sort((a, b) => b.createdAt - a.createdAt)[0] ?? fit.sort((a, b) => a.createdAt - b.createdAt)[0]
    if (key === undefined) throw new Error('no signing key is fit to sign: is the clock right?')
    return key
  }

  /** The public half; an id that is not known yet is looked up in the store. */
  async find(id: string): Promise<CryptoKey | undefined> {
    if (!this.#keys.has(id) && this.#options.now() - this.#reloadedAt >= RELOAD_GAP_MS) await this.#reload()
    const key = this.#keys.get(id)
    return key !== undefined && key.retiresAt > this.#options.now() ? key.publicKey : undefined
  }

  /** RFC 7517, for whoever checks our tokens. */
  jwks(): { keys: JWK[] } {
    const now = this.#options.now()
    return { keys: [...this.#keys.values()].filter((key) => key.retiresAt > now).map((key) => key.publicJwk) }
  }

  /** One round: a key that is due is made, retired ones go, those of other nodes are read. */
  async refresh(): Promise<void> {
    const now = this.#options.now()
    const client = await this.#options.pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
      await client.query('DELETE FROM identity.signing_key WHERE retires_at <= to_timestamp($1 / 1000.0)', [now])
      const { rows } = await client.query<{ newest: Instant | null }>(
        'SELECT max(created_at) AS newest FROM identity.signing_key',
      )
      const newest = rows[0]?.newest ?? null
      if (newest === null || newest <= now - SIGNS_FOR_MS) await this.#makeKey(client, now)
      await client.query('COMMIT')
    } catch (error) {
      broken = error as Error
      throw error
    } finally {
      client.release(broken)
    }
    await this.#reload()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#nap.rouse()
    await this.#rounds
  }

  async #refreshAlways(): Promise<void> {
    for (;;) {
      await this.#nap.rest(REFRESH_MS)
      if (this.#stopped) return
      try {
        await this.refresh()
        this.#outage.worked()
      } catch (error) {
        this.#outage.failed(error)
      }
    }
  }

  async #makeKey(client: PoolClient, now: Instant): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
    const jwk = await exportJWK(publicKey)
    const id = await calculateJwkThumbprint(jwk)
    const publicJwk: JWK = { ...jwk, kid: id, alg: ALGORITHM, use: 'sig' }
    await client.query(
      `INSERT INTO identity.signing_key (id, public_jwk, sealed_private_key, created_at, retires_at)
       VALUES ($1, $2, $3, to_timestamp($4 / 1000.0), to_timestamp($5 / 1000.0))`,
      [id, publicJwk, seal(this.#sealKey, JSON.stringify(await exportJWK(privateKey)), id), now, plus(now, VALID_MS)],
    )
    this.#options.log.info({ event: 'signing-key.created', kid: id })
  }

  async #reload(): Promise<void> {
    this.#reloadedAt = this.#options.now()
    const { rows } = await this.#options.pool.query<KeyRow>(
      'SELECT id, public_jwk, sealed_private_key, created_at, retires_at FROM identity.signing_key',
    )
    const known = await Promise.all(rows.map(async (row) => this.#keys.get(row.id) ?? this.#read(row)))
    this.#keys = new Map(known.map((key) => [key.id, key]))
  }

  async #read({ id, public_jwk, sealed_private_key, created_at, retires_at }: KeyRow): Promise<SigningKey> {
    return {
      id,
      publicJwk: public_jwk,
      publicKey: (await importJWK(public_jwk, ALGORITHM)) as CryptoKey,
      privateKey: (await importJWK(this.#open(id, sealed_private_key), ALGORITHM)) as CryptoKey,
      createdAt: created_at,
      retiresAt: retires_at,
    }
  }

  #open(id: string, sealed: Uint8Array): JWK {
    try {
      return JSON.parse(unseal(this.#sealKey, sealed, id)) as JWK
    } catch (cause) {
      throw new Error('the application key is not the one that sealed the signing keys in the store', { cause })
    }
  }
}

interface KeyRow {
  id: string
  public_jwk: JWK
  sealed_private_key: Uint8Array
  created_at: Instant
  retires_at: Instant
}
