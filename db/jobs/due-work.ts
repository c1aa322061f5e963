import type { Pool } from 'pg'
import type { Instant } from '../../domain/time/instant.ts'
import type { Due } from './due.ts'

/** A row of `due`, in whichever organisation. */
export interface DueKey {
  organizationId: string
  kind: string
  subject: string
}

/** A turn that is ours until the lease lapses. */
export interface Claim extends DueKey {
  dueAt: Instant
  /** Failed turns since the last that went well. */
  attempts: number
  /** As it was claimed: when it is another one at the end, the row was put anew meanwhile. */
  revision: number
  claimId: string
  /** Claims of one kind and organisation that are to be done together have the same number. */
  batch: number
}

/** How a turn ended. Whatever was put anew meanwhile stays as it was put. */
export interface Ending {
  claim: Claim
  /** `released`: given back as if it had not begun. */
  how: 'done' | 'failed' | 'released'
  /** When it is due again. Without it, what is done goes and what failed is given up. */
  at?: Instant | undefined
  error?: string
}

/** How much of a kind may be claimed: so many batches, each of so many rows at most. */
export interface Slots {
  batches: number
  together: number
}

export interface OrganizationDue extends Due {
  organizationId: string
}

/** Looked at per kind, so that a long backlog costs no more than a short one. */
const SAMPLE = 200

export interface Claims {
  claims: Claim[]
  /** There was more of a kind than was looked at: the next claim should be a fair one. */
  isBacklog: boolean
}

/**
 * Claims overdue rows that nobody is at, in batches of one organisation and kind: in turn over organisations, oldest first.
 * Looks at the oldest rows only, which in a long backlog may all be one organisation's; `fair` asks each organisation that
 * has any. When a row is due is judged by `now`; how long a claim holds, by the store's clock alone, so a node's clock that
 * jumps frees nothing. `relay` acts as convoke_relay here and below: it sees when and whose, never what.
 */
export async function claimDue(
  relay: Pool,
  wanted: { now: Instant; claimId: string; leaseMs: number; slots: ReadonlyMap<string, Slots>; limit: number },
  fair: boolean,
): Promise<Claims> {
  const { now, claimId, leaseMs, slots, limit } = wanted
  const each = [...slots.values()]
  const { rows } = await relay.query<Omit<Claim, 'claimId'> & { sampled: number }>({
    name: fair ? 'due-claim-fair' : 'due-claim',
    text: fair ? CLAIM_FAIR : CLAIM_OLDEST,
    values: [
      now,
      [...slots.keys()],
      each.map(({ batches }) => batches),
      each.map(({ together }) => together),
      limit,
      claimId,
      leaseMs,
    ],
  })
  return {
    claims: rows.map(({ sampled: _, ...claim }) => ({ ...claim, claimId })),
    isBacklog: !fair && rows.some((row) => row.sampled >= SAMPLE),
  }
}

/** Renews claims; answers the ones that are still ours. */
export async function renewClaims(relay: Pool, claims: readonly Claim[], leaseMs: number): Promise<Set<string>> {
  const { rows } = await relay.query<DueKey & { claimId: string }>({
    name: 'due-renew',
    text: RENEW,
    values: [...keyColumns(claims), claims.map((claim) => claim.claimId), leaseMs],
  })
  return new Set(rows.map((row) => row.claimId + dueKey(row)))
}

/** Writes how turns ended, of those that are still ours. */
export async function endTurns(relay: Pool, endings: readonly Ending[], now: Instant): Promise<void> {
  const claims = endings.map(({ claim }) => claim)
  await relay.query({
    name: 'due-end',
    text: END,
    values: [
      ...keyColumns(claims),
      claims.map((claim) => claim.claimId),
      claims.map((claim) => claim.revision),
      endings.map(({ how }) => how),
      endings.map(({ at }) => at ?? null),
      endings.map(({ error }) => error ?? null),
      now,
    ],
  })
}

/** The moments in `[from, until)` at which rows come due, the next ones first, for timers that are sharper than a look now and then. */
export async function upcomingMoments(
  relay: Pool,
  { kinds, from, until, limit }: { kinds: readonly string[]; from: Instant; until: Instant; limit: number },
): Promise<Instant[]> {
  const { rows } = await relay.query<{ dueAt: Instant }>({
    name: 'due-upcoming',
    text: UPCOMING,
    values: [kinds, from, until, limit],
  })
  return rows.map(({ dueAt }) => dueAt)
}

/** Puts what news made due, or what a sweep found missing (`ifMissing`: no row that stands is touched but to become earlier). */
export async function putDueEverywhere(
  relay: Pick<Pool, 'query'>,
  rows: readonly OrganizationDue[],
  how: 'always' | 'ifMissing',
): Promise<number> {
  if (rows.length === 0) return 0
  const { rowCount } = await relay.query({
    name: `due-put-${how}`,
    text: how === 'always' ? PUT_ALWAYS : PUT_MISSING,
    values: [...keyColumns(rows), rows.map(({ dueAt }) => dueAt)],
  })
  return rowCount ?? 0
}

/** How many rows of each kind are given up. */
export async function countDead(relay: Pool): Promise<Map<string, number>> {
  const { rows } = await relay.query<{ kind: string; count: number }>({
    name: 'due-count-dead',
    text: 'SELECT kind, count(*) AS count FROM due WHERE dead_at IS NOT NULL GROUP BY kind',
  })
  return new Map(rows.map(({ kind, count }) => [kind, count]))
}

export function dueKey({ organizationId, kind, subject }: DueKey): string {
  return `${organizationId} ${kind} ${subject}`
}

function keyColumns(keys: readonly DueKey[]): unknown[][] {
  return [keys.map((key) => key.organizationId), keys.map((key) => key.kind), keys.map((key) => key.subject)]
}

function FREE(now: string): string {
  return `due.dead_at IS NULL AND due.due_at <= to_timestamp(${now}::float8 / 1000)
    AND (due.claimed_until IS NULL OR due.claimed_until <= clock_timestamp())`
}

function LEASE(ms: string): string {
  return `clock_timestamp() + make_interval(secs => ${ms}::float8 / 1000)`
}

/**
 * `$1` now, `$2` kinds, `$3` batches, `$4` rows together, `$5` limit of batches, `$6` claim id, `$7` lease; `candidates` of a
 * kind `w` with the count sampled.
 */
function claimFrom(candidates: string): string {
  return `
  WITH found AS MATERIALIZED (
    SELECT w.kind, w.batches, w.together, d.organization_id, d.subject, d.due_at
    FROM unnest($2::text[], $3::integer[], $4::integer[]) AS w (kind, batches, together) CROSS JOIN LATERAL (${candidates}) d
    WHERE w.batches > 0
  ), turns AS (
    SELECT *, (row_number() OVER (PARTITION BY kind, organization_id ORDER BY due_at) - 1) / together AS turn,
      count(*) OVER (PARTITION BY kind) AS sampled
    FROM found
  ), chosen AS (
    SELECT kind, organization_id, turn, row_number() OVER (ORDER BY place, since) AS batch FROM (
      SELECT kind, organization_id, turn, batches, min(due_at) AS since,
        row_number() OVER (PARTITION BY kind ORDER BY turn, min(due_at)) AS place
      FROM turns GROUP BY kind, organization_id, turn, batches
    ) placed WHERE place <= batches ORDER BY place, since LIMIT $5
  ), locked AS (
    SELECT due.organization_id, due.kind, due.subject, chosen.batch, turns.sampled
    FROM chosen JOIN turns USING (kind, organization_id, turn) JOIN due USING (organization_id, kind, subject)
    WHERE ${FREE('$1')} FOR UPDATE OF due SKIP LOCKED
  )
  UPDATE due SET claimed_by = $6, claimed_until = ${LEASE('$7')} FROM locked
  WHERE due.organization_id = locked.organization_id AND due.kind = locked.kind AND due.subject = locked.subject
  RETURNING due.organization_id AS "organizationId", due.kind, due.subject, due.due_at AS "dueAt", due.attempts, due.revision,
    locked.batch, locked.sampled`
}

const CLAIM_OLDEST = claimFrom(`
  SELECT organization_id, subject, due.due_at FROM due
  WHERE kind = w.kind AND ${FREE('$1')} ORDER BY due.due_at LIMIT ${SAMPLE}`)

const CLAIM_FAIR = claimFrom(`
  WITH RECURSIVE owner AS (
    (SELECT organization_id AS id FROM due WHERE kind = w.kind AND dead_at IS NULL ORDER BY organization_id LIMIT 1)
    UNION ALL
    SELECT (SELECT organization_id FROM due WHERE kind = w.kind AND dead_at IS NULL AND organization_id > owner.id
            ORDER BY organization_id LIMIT 1)
    FROM owner WHERE owner.id IS NOT NULL
  )
  SELECT oldest.* FROM owner CROSS JOIN LATERAL (
    SELECT organization_id, subject, due.due_at FROM due
    WHERE kind = w.kind AND organization_id = owner.id AND ${FREE('$1')} ORDER BY due.due_at LIMIT w.batches * w.together
  ) oldest`)

const RENEW = `
  WITH mine AS (
    SELECT organization_id, kind, subject FROM due
    JOIN unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS c (organization_id, kind, subject, claim_id)
      USING (organization_id, kind, subject)
    WHERE claimed_by = c.claim_id ORDER BY 1, 2, 3 FOR UPDATE OF due
  )
  UPDATE due SET claimed_until = ${LEASE('$5')} FROM mine
  WHERE due.organization_id = mine.organization_id AND due.kind = mine.kind AND due.subject = mine.subject
  RETURNING due.organization_id AS "organizationId", due.kind, due.subject, due.claimed_by AS "claimId"`

/** The rows are locked first: what is put meanwhile waits, and `same` says of the newest row whether it was put anew. */
const END = `
  WITH ended AS (
    SELECT due.organization_id, due.kind, due.subject, due.revision = e.revision AS same, e.how, e.at, e.error
    FROM due JOIN unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::text[], $7::float8[], $8::text[])
      AS e (organization_id, kind, subject, claim_id, revision, how, at, error) USING (organization_id, kind, subject)
    WHERE claimed_by = e.claim_id ORDER BY 1, 2, 3 FOR UPDATE OF due
  ), gone AS (
    DELETE FROM due USING ended WHERE how = 'done' AND same AND at IS NULL
      AND due.organization_id = ended.organization_id AND due.kind = ended.kind AND due.subject = ended.subject
  )
  UPDATE due SET claimed_until = NULL, claimed_by = NULL,
    attempts = CASE how WHEN 'done' THEN 0 WHEN 'failed' THEN attempts + same::integer ELSE attempts END,
    last_error = CASE how WHEN 'released' THEN last_error ELSE error END,
    due_at = CASE WHEN same AND at IS NOT NULL THEN to_timestamp(at / 1000) ELSE due_at END,
    dead_at = CASE WHEN how = 'failed' AND same AND at IS NULL THEN to_timestamp($9::float8 / 1000) END
  FROM ended WHERE NOT (how = 'done' AND same AND at IS NULL)
    AND due.organization_id = ended.organization_id AND due.kind = ended.kind AND due.subject = ended.subject`

const UPCOMING = `
  SELECT DISTINCT d.due_at AS "dueAt" FROM unnest($1::text[]) AS w (kind) CROSS JOIN LATERAL (
    SELECT DISTINCT due_at FROM due
    WHERE kind = w.kind AND dead_at IS NULL AND due_at >= to_timestamp($2::float8 / 1000)
      AND due_at < to_timestamp($3::float8 / 1000)
    ORDER BY due_at LIMIT $4
  ) d ORDER BY 1 LIMIT $4`

const PUT = `
  INSERT INTO due (organization_id, kind, subject, due_at)
  SELECT d.organization_id, d.kind, d.subject, min(to_timestamp(d.at / 1000))
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[]) AS d (organization_id, kind, subject, at)
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (organization_id, kind, subject) DO UPDATE SET`

const PUT_ALWAYS = `${PUT}
    due_at = CASE WHEN due.dead_at IS NULL THEN least(due.due_at, excluded.due_at) ELSE excluded.due_at END,
    revision = due.revision + 1, attempts = 0, dead_at = NULL`

const PUT_MISSING = `${PUT} due_at = excluded.due_at, revision = due.revision + 1
  WHERE due.dead_at IS NULL AND due.attempts = 0 AND due.due_at > excluded.due_at`
