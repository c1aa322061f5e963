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
 * Claims overdue rows that nobody is at, up to `slots` of each kind: in turn over organisations, oldest first. Looks at the
 * oldest rows only, which in a long backlog may all be one organisation's; `fair` asks each organisation that has any.
 * When a row is due is judged by `now`; how long a claim holds, by the store's clock alone, so a node's clock that jumps
 * frees nothing. `relay` acts as convoke_relay here and below: it sees when and whose, never what.
 */
export async function claimDue(
  relay: Pool,
  wanted: { now: Instant; claimId: string; leaseMs: number; slots: ReadonlyMap<string, number>; limit: number },
  fair: boolean,
): Promise<Claims> {
  const { now, claimId, leaseMs, slots, limit } = wanted
  const { rows } = await relay.query<Omit<Claim, 'claimId'> & { sampled: number }>({
    name: fair ? 'due-claim-fair' : 'due-claim',
    text: fair ? CLAIM_FAIR : CLAIM_OLDEST,
    values: [now, [...slots.keys()], [...slots.values()], limit, claimId, leaseMs],
  })
  return {
    claims: rows.map(({ sampled: _, ...claim }) => ({ ...claim, claimId })),
    isBacklog: !fair && rows.some((row) => row.sampled >= SAMPLE),
  }
}

/** The same for one row that a queue woke. undefined: it is not due, somebody is at it, or it is gone. */
export async function claimOne(
  relay: Pool,
  { organizationId, kind, subject }: DueKey,
  { now, claimId, leaseMs }: { now: Instant; claimId: string; leaseMs: number },
): Promise<Claim | undefined> {
  const { rows } = await relay.query<Omit<Claim, 'claimId'>>({
    name: 'due-claim-one',
    text: `UPDATE due SET ${TAKEN('$5', '$6')} WHERE organization_id = $1 AND kind = $2 AND subject = $3 AND ${FREE('$4')}
           RETURNING ${CLAIMED}`,
    values: [organizationId, kind, subject, now, claimId, leaseMs],
  })
  return rows[0] && { ...rows[0], claimId }
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

/** The turn went well: the row moves to `next` or goes. One that was put anew meanwhile stays as it was put. */
export async function finishTurn(relay: Pool, claim: Claim, next: Instant | undefined): Promise<void> {
  const values = [claim.organizationId, claim.kind, claim.subject, claim.claimId, claim.revision]
  if (next === undefined) {
    const { rowCount } = await relay.query({ name: 'due-done', text: DONE, values })
    if (rowCount === 1) return
  }
  await relay.query({ name: 'due-moved', text: MOVED, values: [...values, next ?? null] })
}

/** The turn failed: it is due again at `again`, or given up (`undefined`). One that was put anew starts afresh. */
export async function failTurn(
  relay: Pool,
  claim: Claim,
  { again, now, error }: { again: Instant | undefined; now: Instant; error: string },
): Promise<void> {
  await relay.query({
    name: 'due-failed',
    text: FAILED,
    values: [claim.organizationId, claim.kind, claim.subject, claim.claimId, claim.revision, again ?? null, now, error],
  })
}

/** Gives a turn back that was not done, as if it had not begun. */
export async function releaseClaim(relay: Pool, claim: Claim): Promise<void> {
  await relay.query({
    name: 'due-release',
    text: `UPDATE due SET claimed_until = NULL, claimed_by = NULL WHERE ${MINE}`,
    values: [claim.organizationId, claim.kind, claim.subject, claim.claimId],
  })
}

/** Rows that come due in `[from, until)`, the next ones first, for timers that are sharper than a look now and then. */
export async function upcomingDue(
  relay: Pool,
  { kinds, from, until, limit }: { kinds: readonly string[]; from: Instant; until: Instant; limit: number },
): Promise<(DueKey & { dueAt: Instant; revision: number })[]> {
  const { rows } = await relay.query<DueKey & { dueAt: Instant; revision: number }>({
    name: 'due-upcoming',
    text: UPCOMING,
    values: [kinds, from, until, limit],
  })
  return rows
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

const CLAIMED = `due.organization_id AS "organizationId", due.kind, due.subject, due.due_at AS "dueAt", due.attempts, due.revision`
const MINE = `organization_id = $1 AND kind = $2 AND subject = $3 AND claimed_by = $4`

function FREE(now: string): string {
  return `due.dead_at IS NULL AND due.due_at <= to_timestamp(${now}::float8 / 1000)
    AND (due.claimed_until IS NULL OR due.claimed_until <= clock_timestamp())`
}

function TAKEN(claimId: string, leaseMs: string): string {
  return `claimed_by = ${claimId}, claimed_until = clock_timestamp() + make_interval(secs => ${leaseMs}::float8 / 1000)`
}

/** `$1` now, `$2` kinds, `$3` slots, `$4` limit, `$5` claim id, `$6` lease; `candidates` of a kind `w` with the count sampled. */
function claimFrom(candidates: string): string {
  return `
  WITH found AS MATERIALIZED (
    SELECT w.kind, w.slots, d.organization_id, d.subject, d.due_at
    FROM unnest($2::text[], $3::integer[]) AS w (kind, slots) CROSS JOIN LATERAL (${candidates}) d
    WHERE w.slots > 0
  ), turns AS (
    SELECT *, row_number() OVER (PARTITION BY kind, organization_id ORDER BY due_at) AS turn, count(*) OVER (PARTITION BY kind) AS sampled
    FROM found
  ), chosen AS (
    SELECT * FROM (
      SELECT *, row_number() OVER (PARTITION BY kind ORDER BY turn, due_at) AS place FROM turns
    ) placed WHERE place <= slots ORDER BY place, due_at LIMIT $4
  ), locked AS (
    SELECT due.organization_id, due.kind, due.subject, chosen.sampled
    FROM due JOIN chosen USING (organization_id, kind, subject)
    WHERE ${FREE('$1')} FOR UPDATE OF due SKIP LOCKED
  )
  UPDATE due SET ${TAKEN('$5', '$6')} FROM locked
  WHERE due.organization_id = locked.organization_id AND due.kind = locked.kind AND due.subject = locked.subject
  RETURNING ${CLAIMED}, locked.sampled`
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
    WHERE kind = w.kind AND organization_id = owner.id AND ${FREE('$1')} ORDER BY due.due_at LIMIT w.slots
  ) oldest`)

const RENEW = `
  WITH mine AS (
    SELECT organization_id, kind, subject FROM due
    JOIN unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS c (organization_id, kind, subject, claim_id)
      USING (organization_id, kind, subject)
    WHERE claimed_by = c.claim_id ORDER BY 1, 2, 3 FOR UPDATE OF due
  )
  UPDATE due SET claimed_until = clock_timestamp() + make_interval(secs => $5::float8 / 1000) FROM mine
  WHERE due.organization_id = mine.organization_id AND due.kind = mine.kind AND due.subject = mine.subject
  RETURNING due.organization_id AS "organizationId", due.kind, due.subject, due.claimed_by AS "claimId"`

const DONE = `DELETE FROM due WHERE ${MINE} AND revision = $5`

const MOVED = `
  UPDATE due SET claimed_until = NULL, claimed_by = NULL, attempts = 0, last_error = NULL,
    due_at = CASE WHEN revision = $5 THEN coalesce(to_timestamp($6::float8 / 1000), due_at) ELSE due_at END
  WHERE ${MINE}`

const FAILED = `
  UPDATE due SET claimed_until = NULL, claimed_by = NULL, last_error = $8,
    attempts = CASE WHEN revision = $5 THEN attempts + 1 ELSE attempts END,
    due_at = CASE WHEN revision = $5 THEN coalesce(to_timestamp($6::float8 / 1000), due_at) ELSE due_at END,
    dead_at = CASE WHEN revision = $5 AND $6::float8 IS NULL THEN to_timestamp($7::float8 / 1000) END
  WHERE ${MINE}`

const UPCOMING = `
  SELECT d.* FROM unnest($1::text[]) AS w (kind) CROSS JOIN LATERAL (
    SELECT organization_id AS "organizationId", kind, subject, due_at AS "dueAt", revision FROM due
    WHERE kind = w.kind AND dead_at IS NULL AND due_at >= to_timestamp($2::float8 / 1000)
      AND due_at < to_timestamp($3::float8 / 1000)
    ORDER BY due_at LIMIT $4
  ) d ORDER BY d."dueAt" LIMIT $4`

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
