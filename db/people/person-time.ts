import type { PersonTime } from '../../domain/people/ports.ts'
import type { OrganizationTx } from '../transaction.ts'

/** What a person says of his time, beside what `findUser` reads. */
export async function readTime(tx: OrganizationTx, userId: string): Promise<PersonTime> {
  const { rows } = await tx.query<PersonTime>(
    'person-time',
    'SELECT time_rules AS rules, absences FROM users WHERE organization_id = $1 AND id = $2',
    [tx.organizationId, userId],
  )
  return rows[0] ?? { rules: {}, absences: [] }
}

/** What is absent stays. */
export async function writeTime(
  tx: OrganizationTx,
  userId: string,
  { rules, absences }: Partial<PersonTime>,
): Promise<void> {
  await tx.query(
    'person-time-update',
    `UPDATE users SET time_rules = coalesce($3::jsonb, time_rules), absences = coalesce($4::jsonb, absences)
     WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, userId, jsonOf(rules), jsonOf(absences)],
  )
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
