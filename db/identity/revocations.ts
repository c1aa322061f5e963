import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Role } from '../../domain/identity/actor.ts'
import { ACCESS_SECONDS } from '../../domain/identity/ports.ts'
import { type Instant, MINUTE_MS, SECOND_MS, instant } from '../../domain/time/instant.ts'
import { Nap } from '../nap.ts'
import { type Outage, createOutage } from '../outage.ts'
import { readOnly } from '../transaction.ts'

/** Thrice in the second within which an end must take effect. */
const POLL_MS = 300
/** Longer than a commit may take and two nodes' clocks may differ. */
const MARGIN_MS = 30 * SECOND_MS
/** Every token older than this has expired or was checked against the store since (authenticate.ts). */
const KEPT_MS = ACCESS_SECONDS * SECOND_MS + 2 * MINUTE_MS

export interface RevocationsOptions {
  pool: Pool
  now: () => Instant
  log: Logger
}

/** A user's role as it is; undefined: no longer in the organisation. */
export interface RoleChange {
  organizationId: string
  userId: string
  role: Role | undefined
}

/**
 * What ended (also by its age) or changed since tokens were issued, on this process. Invariant: whatever was committed anywhere is known
 * here within a poll; while the store is away the last known state stands. It holds twelve minutes of ends, so its
 * size is bounded by the rate at which people sign out.
 */
export class Revocations implements AsyncDisposable {
  readonly #options: RevocationsOptions
  readonly #outage: Outage
  readonly #nap = new Nap()
  readonly #revoked = new Map<string, Instant>()
  readonly #roles = new Map<string, { role: Role | undefined; at: Instant }>()
  readonly #onRevoked = new Set<(sessionId: string) => void>()
  readonly #onRoleChanged = new Set<(change: RoleChange) => void>()
  #seenUntil: Instant
  #stopped = false
  #rounds: Promise<void> = Promise.resolve()

  constructor(options: RevocationsOptions) {
    this.#options = options
    this.#outage = createOutage(options.log, 'session ends')
    this.#seenUntil = instant(options.now() - KEPT_MS)
  }

  /** Knows everything of the last minutes before it answers: a process that has just started trusts no ended session. */
  static async open(options: RevocationsOptions): Promise<Revocations> {
    const revocations = new Revocations(options)
    await revocations.poll()
    revocations.#rounds = revocations.#pollAlways()
    return revocations
  }

  isRevoked(sessionId: string): boolean {
    return this.#revoked.has(sessionId)
  }

  /** The role that counts instead of the one a token of the last minutes carries; undefined: the token is right. */
  roleChange(organizationId: string, userId: string): { role: Role | undefined } | undefined {
    return this.#roles.get(`${organizationId}/${userId}`)
  }

  /** Called once per ended session, in this process. Answers how to stop listening. */
  onRevoked(listener: (sessionId: string) => void): () => void {
    this.#onRevoked.add(listener)
    return () => this.#onRevoked.delete(listener)
  }

  onRoleChanged(listener: (change: RoleChange) => void): () => void {
    this.#onRoleChanged.add(listener)
    return () => this.#onRoleChanged.delete(listener)
  }

  /** What this process ended itself takes effect at once. */
  sessionEnded(sessionId: string, at: Instant = this.#options.now()): void {
    if (this.#revoked.has(sessionId)) return
    this.#revoked.set(sessionId, at)
    for (const listener of this.#onRevoked) listener(sessionId)
  }

  /** One look at the store. */
  async poll(): Promise<void> {
    const startedAt = this.#options.now()
    const { rows } = await this.#options.pool.query<EndRow>({
      name: 'revocations-poll',
      text: POLL,
      values: [this.#seenUntil - MARGIN_MS, startedAt],
    })
    for (const { id, organization_id, at } of rows) {
      if (organization_id === null) this.sessionEnded(id, at)
      else if (this.#roles.get(`${organization_id}/${id}`)?.at !== at) await this.#readRole(organization_id, id, at)
    }
    this.#seenUntil = startedAt
    this.#forgetBefore(startedAt - KEPT_MS - MARGIN_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#nap.rouse()
    await this.#rounds
  }

  async #pollAlways(): Promise<void> {
    for (;;) {
      await this.#nap.rest(POLL_MS)
      if (this.#stopped) return
      try {
        await this.poll()
        this.#outage.worked()
      } catch (error) {
        this.#outage.failed(error)
      }
    }
  }

  async #readRole(organizationId: string, userId: string, at: Instant): Promise<void> {
    const role = await readRole(this.#options.pool, organizationId, userId)
    this.#roles.set(`${organizationId}/${userId}`, { role, at })
    for (const listener of this.#onRoleChanged) listener({ organizationId, userId, role })
  }

  #forgetBefore(bound: number): void {
    for (const [id, at] of this.#revoked) if (at < bound) this.#revoked.delete(id)
    for (const [key, { at }] of this.#roles) if (at < bound) this.#roles.delete(key)
  }
}

async function readRole(pool: Pool, organizationId: string, userId: string): Promise<Role | undefined> {
  const { rows } = await readOnly(pool, organizationId, (tx) =>
    tx.query<{ role: Role }>('role-read', 'SELECT role FROM users WHERE organization_id = $1 AND id = $2', [
      organizationId,
      userId,
    ]),
  )
  return rows[0]?.role
}

interface EndRow {
  id: string
  /** Null for a session. */
  organization_id: string | null
  at: Instant
}

const POLL = `
  SELECT id, NULL::uuid AS organization_id, revoked_at AS at FROM identity.session
  WHERE revoked_at > to_timestamp($1::float8 / 1000)
  UNION ALL
  SELECT id, NULL::uuid, expires_at FROM identity.session
  WHERE expires_at > to_timestamp($1::float8 / 1000) AND expires_at <= to_timestamp($2::float8 / 1000)
  UNION ALL
  SELECT user_id, organization_id, access_changed_at FROM identity.membership
  WHERE access_changed_at > to_timestamp($1::float8 / 1000)`
