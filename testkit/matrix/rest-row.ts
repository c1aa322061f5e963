import type { RefusalCode } from '../../domain/refusals.ts'
import type { Grid, Principal } from './grid.ts'
import type { Kind, Target } from './things.ts'
import type { Town } from './town.ts'

/** One way to ask one operation, and who gets what of it. */
export interface RestRow {
  /** `GET /meetings/:id`; every operation of the contract has one at least. */
  operation: string
  kind: Kind
  grid: Grid
  /** Path below, query and body. Parameters of the path that are not given are the target's id. */
  ask?: (target: Target, who: Principal, town: Town) => Asked
  /** Refusals that come after every question of rights: the command is stopped there, so that nothing changes. */
  after?: readonly RefusalCode[]
  /** How much of the target an answer of 2xx shows; absent: the answer is `ok`. */
  sight?: (body: unknown, target: Target) => string
  /** Makes the target as it must be; cells of such a row go one after the other. */
  before?: (town: Town, target: Target) => Promise<unknown>
}

export interface Asked {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
  headers?: Record<string, string>
}

/** Nobody has read that version. */
export const OUTDATED = 999
export const stale = { headers: { 'if-match': `"${OUTDATED}"` } }
export const nextWeek = { startTime: '2026-12-01T09:00:00Z', endTime: '2026-12-01T10:00:00Z', timezone: 'UTC' }
export const span = { startTime: nextWeek.startTime, endTime: nextWeek.endTime }
export const tomorrow = { startTime: '2026-11-24T09:00:00Z', endTime: '2026-11-24T10:00:00Z' }
export const window = { from: '2026-11-23T00:00:00Z', to: '2026-12-23T00:00:00Z', limit: '500' }
export const USE_STOPS: readonly RefusalCode[] = ['illegal_transition', 'rule_violation', 'slot_conflict']

export function row(
  operation: string,
  kind: Kind,
  of: Grid,
  more: Omit<RestRow, 'operation' | 'kind' | 'grid'> = {},
): RestRow {
  return { operation, kind, grid: of, ...more }
}
