import type { Actor } from '../../domain/identity/actor.ts'
import type { MeetingsTx } from '../../domain/meetings/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { currentSpan } from '../tracing.ts'
import type { StoredFacts } from './meetings-rows.ts'
import type { Booking } from './write-bookings.ts'

/** A booking with more claims takes long by itself; nobody else shall wait for it. */
const MAX_CLAIMS = 100

/** What a booking wants to know of rooms and people. */
export type Question = Record<'roomIds' | 'userIds' | 'emails', readonly string[]>

/** Not a failure: the command is run again, in a transaction of its own. */
export class GoesAlone extends Error {}
/** Everybody is told the same, so a stack would say nothing. */
const GOES_ALONE = new GoesAlone()

/**
 * One booking on its way. It asks (`question`), is told the facts, decides (`booking`, or a refusal without one), and then
 * arrives, fails or leaves; the first of the three counts.
 */
export class Rider {
  readonly actor: Actor
  readonly now: Instant
  /** What the command is part of; the transaction it rides in begins elsewhere. */
  readonly span = currentSpan()
  question: Question | undefined
  booking: Booking | undefined
  /** Until the facts are told it may be sent away without a trace; from then on it is in the transaction's hands. */
  deadline: NodeJS.Timeout | undefined
  readonly #facts = quiet<StoredFacts>()
  /** Who has a hold takes it out of his own way first. */
  #isHolder = false
  readonly #booked = quiet<boolean>()
  readonly #decided = quiet<void>()

  constructor(actor: Actor, now: Instant) {
    this.actor = actor
    this.now = now
  }

  /** Resolves when it wants to book or wants nothing more. */
  get decided(): Promise<void> {
    return this.#decided.promise
  }

  isDecided(): void {
    clearTimeout(this.deadline)
    this.#decided.resolve()
  }

  tell(facts: StoredFacts): void {
    clearTimeout(this.deadline)
    this.#isHolder = facts.holders.has(this.actor.userId)
    this.#facts.resolve(facts)
  }

  arrive(): void {
    this.#booked.resolve(true)
  }

  fail(error: unknown): void {
    this.#facts.reject(error)
    this.#booked.reject(error)
  }

  leave(): void {
    this.fail(GOES_ALONE)
  }

  tx(onQuestion: () => void): MeetingsTx {
    const goAlone = () => Promise.reject(GOES_ALONE)
    return {
      facts: (roomIds, userIds, emails) => {
        if (this.question !== undefined) return goAlone()
        this.question = { roomIds, userIds, emails }
        onQuestion()
        return this.#facts.promise
      },
      book: (aggregate, claims, entry) => {
        if (this.booking !== undefined || claims.length > MAX_CLAIMS || this.#isHolder) return goAlone()
        this.booking = { aggregate, claims, entry, now: this.now }
        this.isDecided()
        return this.#booked.promise
      },
      load: goAlone,
      insert: goAlone,
      update: goAlone,
      claim: goAlone,
      lostClaims: goAlone,
      claimsOf: goAlone,
      release: goAlone,
      settled: goAlone,
      freeRooms: goAlone,
      freeRoomsPerSpan: goAlone,
      blockers: goAlone,
      busy: goAlone,
      writeText: goAlone,
      record: goAlone,
      handOverTold: goAlone,
      keepChange: goAlone,
      statusBeforeCancel: goAlone,
    }
  }
}

/** A promise that nobody may come to wait for. */
function quiet<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>()
  resolvers.promise.catch(() => {})
  return resolvers
}
