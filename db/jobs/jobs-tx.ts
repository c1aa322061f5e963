import type { Pool } from 'pg'
import type { Ids } from '../../domain/deps.ts'
import type { JobsDeps } from '../../domain/jobs/retry-job.ts'
import { record } from '../outbox.ts'
import { transact } from '../transaction.ts'

export function createJobsStore(pool: Pool, ids: Ids, onNews: () => void): Pick<JobsDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(pool, actor, { now, onNews }, (tx) =>
        work({
          async revive(kind, subject, at) {
            const { rowCount } = await tx.query('due-revive', REVIVE, [tx.organizationId, kind, subject, at])
            return rowCount === 1
          },
          record: (entry) => record(tx, { ...entry, now, id: ids.newId() }),
        }),
      ),
  }
}

const REVIVE = `
  UPDATE due SET dead_at = NULL, attempts = 0, revision = revision + 1, due_at = to_timestamp($4::float8 / 1000)
  WHERE organization_id = $1 AND kind = $2 AND subject = $3 AND dead_at IS NOT NULL`
