import { readFile, stat } from 'node:fs/promises'

/** One in so many statements is written to the log with its duration: enough to know them, too few to cost anything. */
const SAMPLE_RATE = 0.02

/** For the server whose statements are to be known. The texts stay out of its log. */
export const SAMPLING = {
  log_min_duration_sample: '0',
  log_statement_sample_rate: String(SAMPLE_RATE),
  log_duration: 'off',
  log_parameter_max_length: '0',
}

export interface SqlTimes {
  /** Statements executed since `mark`, as far as the sample tells. */
  statements: number
  /** Milliseconds in the server. */
  durations: number[]
}

/** Reads the server's log from where it was marked last. */
export class SqlLog {
  readonly #file: string
  #from = 0

  constructor(file: string) {
    this.#file = file
  }

  async mark(): Promise<void> {
    this.#from = (await stat(this.#file)).size
  }

  async since(): Promise<SqlTimes> {
    const text = (await readFile(this.#file, 'utf8')).slice(this.#from)
    // Parse and bind have lines of their own; a statement is what was executed.
    const durations = [...text.matchAll(/duration: ([\d.]+) ms {2}(?:execute|statement)/g)].map((found) =>
      Number(found[1]),
    )
    return { statements: durations.length / SAMPLE_RATE, durations }
  }
}
