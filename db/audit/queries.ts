import type { Pool } from 'pg'
import { type Instant } from '../../domain/time/instant.ts'
import { readOnly } from '../transaction.ts'

/** One row of the audit, with its place on the chain once it is sealed. */
export interface AuditItem {
  id: string
  at: Instant
  actorId: string
  /** In whose name, when the actor is a delegate. */
  onBehalfOf: string | null
  sessionId: string | null
  requestId: string
  action: string
  subjectId: string
  detail: object
  seal: { seq: number; hash: string } | null
}

export interface AuditFilter {
  from?: Instant | undefined
  /** Exclusive. */
  to?: Instant | undefined
  actorId?: string | undefined
  action?: string | undefined
  subjectId?: string | undefined
  limit: number
  /** Id of the last row of the page before. */
  before?: string | undefined
}

/** The newest first (ids are UUIDv7); at most `limit`. */
export function listAudit(pool: Pool, organizationId: string, filter: AuditFilter): Promise<AuditItem[]> {
  const { from, to, actorId, action, subjectId, limit, before } = filter
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<Omit<AuditItem, 'seal'> & { seq: number | null; hash: string | null }>(
      'audit-list',
      LIST,
      [
        organizationId,
        from ?? null,
        to ?? null,
        actorId ?? null,
        action ?? null,
        subjectId ?? null,
        before ?? null,
        limit,
      ],
    )
    return rows.map(({ seq, hash, ...row }) => ({ ...row, seal: seq === null ? null : { seq, hash: hash as string } }))
  })
}

const LIST = `
  SELECT a.id, a.at, a.actor_id AS "actorId", a.on_behalf_of AS "onBehalfOf", a.session_id AS "sessionId", a.request_id AS "requestId", a.action,
         a.subject_id AS "subjectId", a.detail, s.seq, encode(s.hash, 'hex') AS hash
  FROM (
    SELECT * FROM audit
    WHERE organization_id = $1
      AND at >= coalesce(to_timestamp($2::float8 / 1000), '-infinity') AND at < coalesce(to_timestamp($3::float8 / 1000), 'infinity')
      AND actor_id = coalesce($4, actor_id) AND action = coalesce($5, action) AND subject_id = coalesce($6, subject_id)
      AND id < coalesce($7, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    ORDER BY id DESC LIMIT $8
  ) a LEFT JOIN audit_seal s ON s.organization_id = a.organization_id AND s.audit_id = a.id
  ORDER BY a.id DESC`
