import type { SubjectFacts } from '../../domain/availability/subject-facts.ts'
import type { Interval } from '../../domain/time/instant.ts'
import type { SubjectRef, SubjectTimes, Use } from './subject-times.ts'

/** The store answers in milliseconds; whoever asks is told that it is away before he gives up himself. */
const PATIENCE_MS = 2_500

/** Several subjects in one window, for one who looks at them; until `end` they are followed. */
export class Reading {
  /** Whether all of them were read. false: the store is away. */
  readonly known: Promise<boolean>
  readonly #times: SubjectTimes
  readonly #uses: ReadonlyMap<string, Use>
  readonly #patience: NodeJS.Timeout | undefined
  #missing: number
  #isSettled = false
  readonly #settled = Promise.withResolvers<boolean>()

  /** `onRead` is told each subject that was read anew, from the first time on. */
  constructor(
    times: SubjectTimes,
    organizationId: string,
    { subjects, window }: { subjects: readonly SubjectRef[]; window: Interval },
    onRead: (subject: string) => unknown,
  ) {
    this.#times = times
    this.#uses = new Map(
      subjects.map((ref) => [ref.id, times.use(organizationId, ref, window, () => this.#read(ref.id, onRead))]),
    )
    this.#missing = this.#countMissing()
    this.known = this.#settled.promise
    if (this.#missing === 0) this.#settle(true)
    else this.#patience = setTimeout(() => this.#settle(false), PATIENCE_MS)
  }

  /** Whether it is decided what `known` is. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Whether the organisation has all of them. */
  get isComplete(): boolean {
    return [...this.#uses.values()].every((use) => this.#times.factsOf(use) !== undefined)
  }

  factsOf(subject: string): SubjectFacts | undefined {
    const use = this.#uses.get(subject)
    return use && this.#times.factsOf(use)
  }

  /** Whether the facts of this subject are of the whole window. */
  isKnown(subject: string): boolean {
    const use = this.#uses.get(subject)
    return use !== undefined && this.#times.isKnown(use)
  }

  end(): void {
    clearTimeout(this.#patience)
    this.#settle(false)
    for (const use of this.#uses.values()) this.#times.leave(use)
  }

  #read(subject: string, onRead: (subject: string) => unknown): void {
    if (this.#missing > 0) {
      this.#missing = this.#countMissing()
      if (this.#missing === 0) {
        clearTimeout(this.#patience)
        this.#settle(true)
      }
    }
    onRead(subject)
  }

  #settle(areKnown: boolean): void {
    this.#isSettled = true
    this.#settled.resolve(areKnown)
  }

  #countMissing(): number {
    return [...this.#uses.values()].filter((use) => !this.#times.isKnown(use)).length
  }
}
