import { type Goal, THRESHOLDS } from '../thresholds.ts'

/** One line of the result, as `--json` prints it. `goal` is null where a figure only informs. */
export interface Figure {
  name: string
  value: number
  unit: string
  goal: string | null
  ok: boolean
}

/** Collects the figures of one scenario and prints them as they come, in a table one can read. */
export class Report {
  readonly scenario: string
  readonly figures: Figure[] = []

  constructor(scenario: string) {
    this.scenario = scenario
  }

  get ok(): boolean {
    return this.figures.length > 0 && this.figures.every((figure) => figure.ok)
  }

  title(text: string): void {
    console.log(`\n${text}`)
  }

  /** Progress and circumstances. */
  note(text: string): void {
    console.log(`  ${text}`)
  }

  figure(name: string, value: number, unit: string): void {
    const goal: Goal | undefined = THRESHOLDS[this.scenario]?.[name]
    const ok = goal === undefined ? Number.isFinite(value) : meets(value, goal)
    const words = goal === undefined ? null : `${goal.is} ${goal.bound}`
    this.figures.push({ name, value: rounded(value), unit, goal: words, ok })
    const verdict = words === null ? '' : `goal ${words}`.padEnd(16) + (ok ? 'reached' : 'MISSED')
    console.log(`  ${name.padEnd(NAME_WIDTH)}${shown(value).padStart(10)} ${unit.padEnd(14)}${verdict}`.trimEnd())
  }

  json(): string {
    return JSON.stringify({ scenario: this.scenario, ok: this.ok, figures: this.figures })
  }
}

const NAME_WIDTH = 46

function meets(value: number, { is, bound }: Goal): boolean {
  return is === '>=' ? value >= bound : value <= bound
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

function shown(value: number): string {
  return rounded(value).toLocaleString('en-GB', { maximumFractionDigits: 3 })
}
