import pg from 'pg'
import { v7 } from 'uuid'
import type { Office, Slot } from './office.ts'

/**
 * The bare limit: a table shaped like `allocation`, with its key and its index and nothing that protects anybody: no
 * exclusion, no references, no checks, no wall.
 */
export async function createBareTable(url: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    await owner.query(`
      CREATE TABLE bare AS SELECT * FROM allocation WITH NO DATA;
      ALTER TABLE bare ALTER recurrence_id TYPE text;
      ALTER TABLE bare ADD PRIMARY KEY (organization_id, meeting_id, recurrence_id, resource_id);
      CREATE INDEX bare_resource ON bare (organization_id, resource_id, starts_at) INCLUDE (ends_at);
      GRANT INSERT ON bare TO convoke_app`)
  } finally {
    await owner.end()
  }
}

/** One row, one statement, one transaction, one message. */
export async function insertBare(pool: pg.Pool, { organizationId }: Office, slot: Slot): Promise<void> {
  const from = new Date(slot.start).toISOString()
  const until = new Date(slot.end).toISOString()
  await pool.query({
    name: 'bare-insert',
    text: `INSERT INTO bare VALUES ($1, $2, $3, 'room', $4, '20270104T090000', $5, $6, $5, $6, tstzrange($5, $6), true)`,
    values: [organizationId, v7(), slot.roomId, v7(), from, until],
  })
}
