import type { Pool } from 'pg'
import type { Ids } from '../../domain/deps.ts'
import type { Claim } from '../../domain/meetings/meeting.ts'
import type { MeetingsDeps } from '../../domain/meetings/ports.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { type Interval, overlaps } from '../../domain/time/instant.ts'
import { OutcomeUnknown, StoreUnavailable, isUnavailable } from '../pool.ts'
import { inSpan } from '../tracing.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { readFacts } from './meetings-rows.ts'
import { GoesAlone, type Question, Rider } from './rider.ts'
import { type Booking, writeBookings } from './write-bookings.ts'

type Transact = MeetingsDeps['transact']

interface SharingDeps {
  pool: Pool
  ids: Ids
  onNews: () => void
  /** One command in a transaction of its own. */
  alone: Transact
}

/** Transactions of one organisation at a time. While all are under way its bookings gather: the busier, the more share one. */
const LANES = 3
/** Bookings in one transaction: enough to make its own cost small, few enough to wait for. */
const MAX_RIDERS = 16
/** For the queue and the reading of facts together: of a store that is stuck one must hear in under 3 s. */
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
  const stations = new Map<string, Station>()

  return async (actor, now, work) => {
    const rider = new Rider(actor, now)
    try {
      return await work(rider.tx(() => stationOf(actor.organizationId).add(rider)))
    } catch (error) {
      if (!(error instanceof GoesAlone)) throw error
      return await alone(actor, now, work)
    } finally {
      rider.isDecided()
    }
  }

  function stationOf(organizationId: string): Station {
    const known = stations.get(organizationId)
    const station =
      known ??
      new Station(
        (riders) => travel(deps, riders),
        () => stations.delete(organizationId),
      )
    if (known === undefined) stations.set(organizationId, station)
    return station
  }
}

/** Where the bookings of one organisation wait. Invariant: nobody waits while a lane is free, and `onEmpty` is its end. */
class Station {
  readonly #travel: (riders: Rider[]) => Promise<void>
  readonly #onEmpty: () => void
  readonly #waiting = new Set<Rider>()
  #underWay = 0
  #isDeparting = false

  constructor(run: (riders: Rider[]) => Promise<void>, onEmpty: () => void) {
    this.#travel = run
    this.#onEmpty = onEmpty
  }

  add(rider: Rider): void {
    this.#waiting.add(rider)
    rider.deadline = setTimeout(() => {
      this.#waiting.delete(rider)
      rider.fail(new StoreUnavailable('no transaction of PostgreSQL was free in time'))
    }, MAX_WAIT_MS)
    this.#departSoon()
  }

  /** At the end of this turn of the event loop: what came in with the same turn rides together. */
  #departSoon(): void {
    if (this.#isDeparting) return
    this.#isDeparting = true
    setImmediate(() => {
      this.#isDeparting = false
      while (this.#underWay < LANES && this.#waiting.size > 0) {
        this.#underWay++
        void this.#travel(this.#board()).finally(() => {
          this.#underWay--
          this.#departSoon()
        })
      }
      if (this.#underWay === 0) this.#onEmpty()
    })
  }

  #board(): Rider[] {
    const riders = [...this.#waiting].slice(0, MAX_RIDERS)
    for (const rider of riders) this.#waiting.delete(rider)
    return riders
  }
}

async function travel({ pool, ids, onNews }: Omit<SharingDeps, 'alone'>, riders: readonly Rider[]): Promise<void> {
  const { actor, now, span } = riders[0] as Rider
  const scope = { organizationId: actor.organizationId, userId: actor.userId }
  let aboard: Rider[] = []
  try {
    const book = async (tx: OrganizationTx) => {
      const facts = await readFacts(tx, union(riders, 'roomIds'), union(riders, 'userIds'), union(riders, 'emails'))
      for (const rider of riders) rider.tell(facts)
      await Promise.all(riders.map((rider) => rider.decided))
      aboard = withoutRivals(riders)
      if (aboard.length === 0) return ok(undefined)
      const granted = await writeBookings(
        tx,
        ids,
        aboard.map((rider) => rider.booking as Booking),
      )
      return granted === 'all' ? ok(undefined) : err(refuse('slot_conflict'))
    }
    const result = await inSpan(span, () => transact(pool, scope, { now, onNews }, book))
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
    if (wanted.some((claim) => taken.get(claim.resourceId)?.some((span) => overlaps(span, blocked(claim)))))
      return false
    for (const claim of wanted) taken.set(claim.resourceId, [...(taken.get(claim.resourceId) ?? []), blocked(claim)])
    return true
  })
}

function blocked(claim: Claim): Interval {
  return { start: claim.blockedFrom, end: claim.blockedUntil }
}

function union(riders: readonly Rider[], of: keyof Question): string[] {
  return [...new Set(riders.flatMap((rider) => rider.question?.[of] ?? []))]
}
