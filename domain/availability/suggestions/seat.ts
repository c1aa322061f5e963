import type { Instant } from '../../time/instant.ts'
import { type Bits, erode, hasMinute, remove } from '../bitmap.ts'
import type { Guest } from './wish.ts'

/** Free time that is too short to be of use. */
export const SHORT_MINUTES = 30

/**
 * A guest with what his bits say about one duration. Invariant: bits are worked out when first asked for, once per guest and length: a search
 * that no required person survives never touches the others, and what is tried when nothing fits finds them done.
 */
export class Seat {
  readonly guest: Guest
  readonly isRequired: boolean
  /** Which of the table's zones is his. */
  readonly zone: number
  readonly #minutes: number
  readonly #kept: Kept
  #run: Bits | undefined
  #long: Bits | undefined

  constructor(guest: Guest, isRequired: boolean, zone: number, minutes: number) {
    this.guest = guest
    this.isRequired = isRequired
    this.zone = zone
    this.#minutes = minutes
    this.#kept = keptOf(guest)
  }

  /** In which minutes he can sit in a meeting at all. */
  get free(): Bits {
    return this.#kept.free
  }

  canCome(start: Instant, minute: number): boolean {
    this.#run ??= runOf(this.#kept, this.#minutes)
    return hasMinute(this.#run, minute) && this.isWilling(start)
  }

  /** Neither too soon nor too far ahead for him. */
  isWilling(start: Instant): boolean {
    const { notBefore, notAfter } = this.guest
    return (notBefore === undefined || start >= notBefore) && (notAfter === undefined || start <= notAfter)
  }

  /** Whether a meeting `[from, until)` leaves him, before or after it, free time shorter than `SHORT_MINUTES`. */
  leavesShort(from: number, until: number): boolean {
    this.#long ??= runOf(this.#kept, SHORT_MINUTES)
    const isShortBefore = hasMinute(this.free, from - 1) && !hasMinute(this.#long, from - SHORT_MINUTES)
    return isShortBefore || (hasMinute(this.free, until) && !hasMinute(this.#long, until))
  }
}

interface Kept {
  free: Bits
  /** By length in minutes: where so much free time begins. */
  runs: Map<number, Bits>
}

/** As long as the guest is: one question. */
const kept = new WeakMap<Guest, Kept>()

function keptOf(guest: Guest): Kept {
  const known = kept.get(guest)
  if (known !== undefined) return known
  const free = guest.work.slice()
  remove(free, guest.blocked)
  const made = { free, runs: new Map() }
  kept.set(guest, made)
  return made
}

function runOf({ free, runs }: Kept, minutes: number): Bits {
  let run = runs.get(minutes)
  if (run === undefined) {
    run = free.slice()
    erode(run, minutes)
    runs.set(minutes, run)
  }
  return run
}
