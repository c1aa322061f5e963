import { type RefusalCode, REFUSALS } from '../../domain/refusals.ts'
import { STATUS } from '../../server/problems.ts'
import { type Grid, PRINCIPALS, type Principal } from './grid.ts'
import type { Kind, Target, Things } from './things.ts'

/** One question of the matrix: who asks for what, and what he must get. */
export interface Cell {
  operation: string
  who: Principal
  relation: string
  expected: string
  target: Target
}

export interface Deviation {
  operation: string
  who: Principal
  relation: string
  expected: string
  got: string
}

/** All cells of a row: every principal with every relation that can be. */
export function cellsOf(
  { operation, kind, grid }: { operation: string; kind: Kind; grid: Grid },
  things: Things,
): Cell[] {
  return PRINCIPALS.flatMap((who) => {
    const targets = things[kind](who)
    return Object.entries(grid[who]).map(([relation, expected]) => {
      const target = targets[relation]
      if (target === undefined) throw new Error(`there is no ${relation} ${kind} for ${operation}`)
      return { operation, who, relation, expected, target }
    })
  })
}

/** What a refusal is called in a table. */
export function outcomeOf(code: string | undefined, after: readonly RefusalCode[] = []): string {
  if (code === undefined) return 'no code'
  if (after.includes(code as RefusalCode)) return 'ok'
  if (['unauthenticated', 'forbidden', 'not_found'].includes(code)) return String(STATUS[code as RefusalCode])
  return code in REFUSALS ? code : `unknown code ${code}`
}

/** Asks so many at a time: more would wait for the store's connections all the same. */
const AT_A_TIME = 8

/** The cells that answered otherwise than they must. */
export async function judge(
  cells: readonly Cell[],
  ask: (cell: Cell) => Promise<string>,
  atATime = AT_A_TIME,
): Promise<Deviation[]> {
  const deviations: Deviation[] = []
  const waiting = [...cells]
  const work = async () => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const got = await ask(cell)
      const { operation, who, relation, expected } = cell
      if (got !== expected) deviations.push({ operation, who, relation, expected, got })
    }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  return deviations
}
