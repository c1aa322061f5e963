import type { Pool } from 'pg'
import type { Ids } from '../../domain/deps.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Claim } from '../../domain/meetings/meeting.ts'
import type { BookingFacts, MeetingsDeps, MeetingsTx } from '../../domain/meetings/ports.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { type Instant, type Interval, overlaps } from '../../domain/time/instant.ts'
import { OutcomeUnknown, StoreUnavailable, isUnavailable } from '../pool.ts'
import { transact } from '../transaction.ts'
import { readFacts } from './meetings-rows.ts'
import { type Booking, writeBookings } from './write-bookings.ts'

type Transact = MeetingsDeps['transact']

interface SharingDeps {
  pool: Pool
  ids: Ids
  onNews: () => void
  /** One command in a transaction of its own. */
  alone: Transact
}

/** Transactions at a time. While all are under way bookings gather: the busier the store, the more of them share one. */
const LANES = 3
/** Bookings in one transaction: enough to make its own cost small, few enough to wait for. */
const MAX_RIDERS = 16
/** A booking with more claims takes long by itself; nobody else shall wait for it. */
const MAX_CLAIMS = 100
/** Like the pool's own limit for a connection: of a store that is stuck one must hear in under 3 s. */
const MAX_WAIT_MS = 1_500

/**
 * Lets bookings of one organisation that wait for the store at the same time share a transaction: the same rows, each
 * booking whole in one transaction, but one reading of facts, one statement and one commit for all of them.
 *
 * Invariant: a booking is answered after the commit of the one transaction that holds all of it, and nobody's answer depends
 * on who rode with him. When a shared transaction cannot give every rider what he asked (a claim is taken, the store refuses
 * a row), it is rolled back and each does it alone. Only a store that is away is away for all.
 *
 * A command that asks for anything but facts first and booking next is no plain booking and goes alone.
 */
export function shareTransactions({ alone, ...deps }: SharingDeps): Transact {
  const queue = new Set<Rider>()
  let underWay = 0
  let isDeparting = false

  return async (actor, now, work) => {
    const rider = new Rider(actor, now)
    try {
      return await work(rider.tx(() => enqueue(rider)))
    } catch (error) {
      if (!(error instanceof GoesAlone)) throw error
      return await alone(actor, now, work)
    } finally {
      rider.isDecided()
    }
  }

  function enqueue(rider: Rider): void {
    queue.add(rider)
    rider.deadline = setTimeout(() => {
      queue.delete(rider)
      rider.fail(new StoreUnavailable('no transaction of PostgreSQL was free in time'))
    }, MAX_WAIT_MS)
    departSoon()
  }

  /** At the end of this turn of the event loop: what came in with the same turn rides together. */
  function departSoon(): void {
    if (isDeparting) return
    isDeparting = true
    setImmediate(() => {
      isDeparting = false
      while (underWay < LANES && queue.size > 0) {
        underWay++
        void travel(deps, board()).finally(() => {
          underWay--
          departSoon()
        })
      }
    })
  }

  function board(): Rider[] {
    const [first] = queue
    const riders = [...queue].filter((one) => one.actor.organizationId === first?.actor.organizationId).slice(0, MAX_RIDERS)
    for (const rider of riders) {
      queue.delete(rider)
      clearTimeout(rider.deadline)
    }
    return riders
  }
}

async function travel({ pool, ids, onNews }: Omit<SharingDeps, 'alone'>, riders: readonly Rider[]): Promise<void> {
  const { actor, now } = riders[0] as Rider
  const scope = { organizationId: actor.organizationId, userId: actor.userId }
  let aboard: Rider[] = []
  try {
    const result = await transact(pool, scope, { now, onNews }, async (tx) => {
      const facts = await readFacts(tx, union(riders, 'roomIds'), union(riders, 'userIds'), union(riders, 'emails'))
      for (const rider of riders) rider.tell(facts)
      await Promise.all(riders.map((rider) => rider.decided))
      aboard = withoutRivals(riders)
      if (aboard.length === 0) return ok(undefined)
      const granted = await writeBookings(tx, ids, aboard.map((rider) => rider.booking as Booking))
      return granted === 'all' ? ok(undefined) : err(refuse('slot_conflict'))
    })
    if (result.ok) for (const rider of aboard) rider.arrive()
  } catch (error) {
    if (isUnavailable(error) || error instanceof OutcomeUnknown) for (const rider of riders) rider.fail(error)
  }
  for (const rider of riders) rider.leave()
}

/** Who wants what another rider wants goes alone: together they would fail for sure. */
function withoutRivals(riders: readonly Rider[]): Rider[] {
  const taken = new Map<string, Interval[]>()
  return riders.filter(({ booking }) => {
    if (booking === undefined) return false
    const wanted = booking.claims.filter((claim) => claim.exclusive)
    if (wanted.some((claim) => taken.get(claim.resourceId)?.some((span) => overlaps(span, blocked(claim))))) return false
    for (const claim of wanted) taken.set(claim.resourceId, [...(taken.get(claim.resourceId) ?? []), blocked(claim)])
    return true
  })
}

function blocked(claim: Claim): Interval {
  return { start: claim.blockedFrom, end: claim.blockedUntil }
}

/** What a booking wants to know of rooms and people. */
type Question = Record<'roomIds' | 'userIds' | 'emails', readonly string[]>

function union(riders: readonly Rider[], of: keyof Question): string[] {
  return [...new Set(riders.flatMap((rider) => rider.question?.[of] ?? []))]
}

/** Not a failure: the command is run again, in a transaction of its own. */
class GoesAlone extends Error {}

/**
 * One booking on its way. It asks (`question`), is told the facts, decides (`booking`, or a refusal without one), and then
 * arrives, fails or leaves; the first of the three counts.
 */
class Rider {
  readonly actor: Actor
  readonly now: Instant
  question: Question | undefined
  booking: Booking | undefined
  deadline: NodeJS.Timeout | undefined
  readonly #facts = quiet<BookingFacts>()
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
    this.#decided.resolve()
  }

  tell(facts: BookingFacts): void {
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
    this.fail(new GoesAlone())
  }

  tx(onQuestion: () => void): MeetingsTx {
    const goAlone = () => Promise.reject(new GoesAlone())
    return {
      facts: (roomIds, userIds, emails) => {
        if (this.question !== undefined) return goAlone()
        this.question = { roomIds, userIds, emails }
        onQuestion()
        return this.#facts.promise
      },
      book: (aggregate, claims, entry) => {
        if (this.booking !== undefined || claims.length > MAX_CLAIMS) return goAlone()
        this.booking = { aggregate, claims, entry, now: this.now }
        this.isDecided()
        return this.#booked.promise
      },
      load: goAlone,
      update: goAlone,
      claim: goAlone,
      lostClaims: goAlone,
      claimsOf: goAlone,
      release: goAlone,
      freeRooms: goAlone,
      busy: goAlone,
      record: goAlone,
    }
  }
}

/** A promise that nobody may come to wait for. */
function quiet<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>()
  resolvers.promise.catch(() => {})
  return resolvers
}
