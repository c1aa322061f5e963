import type { OrganizationTx } from '../transaction.ts'

/** At a time; the next look finds the rest. */
const MAX_FOUND = 1_000

/** Meetings whose instants were resolved with older zone data, and that have no row which would see to it. */
export async function findOutdatedZones(tx: OrganizationTx, tzVersion: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'zones-outdated',
    `SELECT m.id FROM meeting m
     WHERE m.organization_id = $1 AND m.tz_version < $2 COLLATE "C"
       AND NOT EXISTS (SELECT FROM due WHERE due.organization_id = $1 AND due.kind = 'zone_rules' AND due.subject = m.id::text)
     LIMIT ${MAX_FOUND}`,
    [tx.organizationId, tzVersion],
  )
  return rows.map((row) => row.id)
}
