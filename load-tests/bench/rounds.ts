import { type CpuUse, CpuWatch } from './cpu.ts'
import type { Report } from './report.ts'
import { median } from './statistics.ts'

/** One measured thing: runs once and answers its figure. */
export type Contender = () => Promise<number>

export interface Round<Name extends string> {
  values: Record<Name, number>
  cpu: CpuUse
  isDisturbed: boolean
}

/** More than this many cores taken by others and a round says more about them than about us. */
export const FOREIGN_CORES = 0.3

/** Disturbed rounds that are repeated; after that the machine is as it is, and the figures say so. */
export const MAX_REPEATS = 3

/**
 * Lets the contenders take turns, so that whatever drifts (caches, table sizes, the machine) meets all of them alike; who
 * begins changes from round to round. Answers the least disturbed rounds, as many as were asked for.
 */
export async function interleave<Name extends string>(
  contenders: Record<Name, Contender>,
  report: Report,
  rounds: number,
): Promise<Rounds<Name>> {
  const names = Object.keys(contenders) as Name[]
  const done: Round<Name>[] = []
  const watch = new CpuWatch()
  const calm = () => done.filter((round) => !round.isDisturbed).length
  while (calm() < rounds && done.length < rounds + MAX_REPEATS) {
    const values = {} as Record<Name, number>
    watch.lap()
    for (const name of turned(names, done.length)) values[name] = await contenders[name]()
    const cpu = watch.lap()
    const round = { values, cpu, isDisturbed: cpu.foreign > FOREIGN_CORES }
    done.push(round)
    report.note(sentence(done.length, round))
  }
  const counted = new Rounds(done.toSorted((a, b) => a.cpu.foreign - b.cpu.foreign).slice(0, rounds))
  if (counted.disturbed > 0)
    report.note(`${counted.disturbed} of the ${rounds} counted rounds were disturbed: read the ratios, not the rates`)
  return counted
}

export class Rounds<Name extends string> {
  readonly rounds: readonly Round<Name>[]

  constructor(rounds: readonly Round<Name>[]) {
    this.rounds = rounds
  }

  get disturbed(): number {
    return this.rounds.filter((round) => round.isDisturbed).length
  }

  median(name: Name): number {
    return median(this.rounds.map((round) => round.values[name]))
  }

  /** Of the two in the same round, so that a slow minute of the machine cancels out. */
  ratio(name: Name, peer: Name): number {
    return median(this.rounds.map((round) => round.values[name] / round.values[peer]))
  }
}

function turned<T>(list: readonly T[], by: number): T[] {
  return list.map((_, i) => list[(i + by) % list.length] as T)
}

function sentence(number: number, { values, cpu }: Round<string>): string {
  const rates = Object.entries(values).map(([name, value]) => `${name} ${value.toFixed(0)}`)
  return `round ${number}: ${rates.join(', ')}; ${wordsOf(cpu)}`
}

/** What else the machine was busy with. */
export function wordsOf({ foreign, waiting }: CpuUse): string {
  const disturbed = foreign > FOREIGN_CORES ? ' (disturbed)' : ''
  return `other load ${foreign.toFixed(2)} cores${disturbed}, waiting for the disk ${waiting.toFixed(2)}`
}
