import type { Pool } from 'pg'
import { isUniqueViolation } from '../../db/unique-violation.ts'
import type { Instant } from '../../domain/time/instant.ts'

export interface DemoState {
  id: string
  name: string
  foundedAt: Instant
  isFinished: boolean
}

/** The second one is for a store where somebody has founded an organisation of the first name. */
const NAMES = ['Meridian Works', 'Meridian Works (demo)']

/** undefined: nobody has begun to load it. */
export async function findOrganization(pool: Pool, id: string): Promise<DemoState | undefined> {
  const { rows } = await pool.query<{ name: string; created_at: Instant }>(
    'SELECT name, created_at FROM identity.organization WHERE id = $1',
    [id],
  )
  return (
    rows[0] && { id, name: rows[0].name, foundedAt: rows[0].created_at, isFinished: rows[0].name !== loadingName(id) }
  )
}

/** Begins it, or finds where somebody began. */
export async function foundOrganization(pool: Pool, id: string, now: Instant): Promise<DemoState> {
  await pool.query(
    `INSERT INTO identity.organization (id, name, created_at) VALUES ($1, $2, to_timestamp($3 / 1000.0))
     ON CONFLICT (id) DO NOTHING`,
    [id, loadingName(id), now],
  )
  return requireOrganization(pool, id)
}

/** Its name says that everything is there. */
export async function finishOrganization(pool: Pool, id: string): Promise<DemoState> {
  for (const name of NAMES) {
    try {
      await pool.query('UPDATE identity.organization SET name = $2 WHERE id = $1', [id, name])
      return await requireOrganization(pool, id)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
  }
  throw new Error(`the names ${NAMES.join(' and ')} are both taken`)
}

function loadingName(id: string): string {
  return `Demo, loading (${id})`
}

async function requireOrganization(pool: Pool, id: string): Promise<DemoState> {
  const state = await findOrganization(pool, id)
  if (state === undefined) throw new Error('the demo organisation vanished while it was loaded')
  return state
}
