import type { Pool } from 'pg'
import type { Holiday } from '../../domain/people/ports.ts'
import { type OrganizationTx, readOnly } from '../transaction.ts'

/** In the order of days; none: there is no such calendar. */
export async function readHolidays(tx: OrganizationTx, calendar: string): Promise<Holiday[]> {
  const { rows } = await tx.query<Holiday>(
    'holidays-of',
    `SELECT to_char(day, 'YYYY-MM-DD') AS date, name FROM holiday
     WHERE organization_id = $1 AND calendar = $2 ORDER BY day`,
    [tx.organizationId, calendar],
  )
  return rows
}

/** Held until the commit. A calendar that is not there yet has no row to lock. */
export async function lockHolidays(tx: OrganizationTx, calendar: string): Promise<void> {
  await tx.query('holidays-lock', `SELECT pg_advisory_xact_lock(hashtextextended('holidays ' || $1 || ' ' || $2, 0))`, [
    tx.organizationId,
    calendar,
  ])
}

/** These and no others. */
export async function writeHolidays(tx: OrganizationTx, calendar: string, items: readonly Holiday[]): Promise<void> {
  await tx.query('holidays-clear', `DELETE FROM holiday WHERE organization_id = $1 AND calendar = $2`, [
    tx.organizationId,
    calendar,
  ])
  await tx.query(
    'holidays-put',
    `INSERT INTO holiday (organization_id, calendar, day, name)
     SELECT $1, $2, h.day, h.name FROM unnest($3::date[], $4::text[]) AS h (day, name)`,
    [tx.organizationId, calendar, items.map((item) => item.date), items.map((item) => item.name)],
  )
}

/** A calendar in the list of all. */
export interface ListedCalendar {
  calendar: string
  days: number
}

/** In the order of names; at most `limit`. */
export function listHolidayCalendars(
  pool: Pool,
  organizationId: string,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<ListedCalendar[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<ListedCalendar>(
      'holidays-list',
      `SELECT calendar, count(*)::integer AS days FROM holiday
       WHERE organization_id = $1 AND ($2::text IS NULL OR calendar > $2)
       GROUP BY calendar ORDER BY calendar LIMIT $3`,
      [organizationId, after ?? null, limit],
    )
    return rows
  })
}
