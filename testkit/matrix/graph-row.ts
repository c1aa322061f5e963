import type { RefusalCode } from '../../domain/refusals.ts'
import type { Grid, Principal } from './grid.ts'
import type { Kind, Target } from './things.ts'
import type { Town } from './town.ts'

/** One field of the schema's roots, and who gets what of it. */
export interface GraphRow {
  /** `query meeting`, `mutation checkIn`, `subscription floorState`. */
  operation: string
  kind: Kind
  grid: Grid
  /** The field as it is asked for: arguments and selection. */
  field: (target: Target, who: Principal, town: Town) => string
  after?: readonly RefusalCode[]
  sight?: (value: unknown, target: Target) => string
}

type Field = GraphRow['field'] | string

/** A row whose field is the same for everybody, or depends on the target. */
export function row(
  operation: string,
  kind: Kind,
  of: Grid,
  field: Field,
  more: Pick<GraphRow, 'after' | 'sight'> = {},
) {
  return { operation, kind, grid: of, field: typeof field === 'string' ? () => field : field, ...more }
}
