import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'

/** Something that is due at a time. One row per organisation, kind and subject. */
export interface Due {
  /** Of the job (jobs/). */
  kind: string
  subject: string
  dueAt: Instant
}

/**
 * Puts work on the list, in the transaction of the command that makes it due. What stands there already keeps the earlier time;
 * what was given up gets a new life.
 */
export async function putDue(tx: OrganizationTx, due: readonly Due[]): Promise<void> {
  if (due.length === 0) return
  await tx.query('due-put', PUT, [
    tx.organizationId,
    due.map(({ kind }) => kind),
    due.map(({ subject }) => subject),
    due.map(({ dueAt }) => dueAt),
  ])
}

const PUT = `
  INSERT INTO due (organization_id, kind, subject, due_at)
  SELECT $1, d.kind, d.subject, min(to_timestamp(d.at / 1000))
  FROM unnest($2::text[], $3::text[], $4::float8[]) AS d (kind, subject, at)
  GROUP BY d.kind, d.subject ORDER BY d.kind, d.subject
  ON CONFLICT (organization_id, kind, subject) DO UPDATE SET
    due_at = CASE WHEN due.dead_at IS NULL THEN least(due.due_at, excluded.due_at) ELSE excluded.due_at END,
    revision = due.revision + 1, attempts = 0, dead_at = NULL`
