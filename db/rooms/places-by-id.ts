import { and, eq, sql } from 'drizzle-orm'
import { building, floor } from '../schema/rooms.ts'
import { selectRows } from '../select-rows.ts'
import type { OrganizationTx } from '../transaction.ts'
import type { Building, Floor } from './queries.ts'

/** In no order; what this organisation does not have is left out. */
export async function floorsById(tx: OrganizationTx, ids: readonly string[]): Promise<Floor[]> {
  const where = and(eq(floor.organizationId, tx.organizationId), sql`${floor.id} = ANY (${sql.param(ids)}::uuid[])`)
  return (await selectRows(tx, floor, { where })).map(({ organizationId: _, ...found }) => found)
}

export async function buildingsById(tx: OrganizationTx, ids: readonly string[]): Promise<Building[]> {
  const where = and(
    eq(building.organizationId, tx.organizationId),
    sql`${building.id} = ANY (${sql.param(ids)}::uuid[])`,
  )
  return (await selectRows(tx, building, { where })).map(({ organizationId: _, ...found }) => found)
}
