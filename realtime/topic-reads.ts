import type { Pool } from 'pg'
import type { NewsRow } from '../db/news-log.ts'
import { isUnavailable } from '../db/pool.ts'
import { readHeads, readTopicNews } from '../db/topic-news.ts'
import { type OrganizationTx, readOnly } from '../db/transaction.ts'
import type { Clock } from '../domain/deps.ts'
import type { Actor } from '../domain/identity/actor.ts'
import { type Refusal, refuse } from '../domain/refusals.ts'
import type { TopicKind } from '../domain/news.ts'
import { type Result, err, ok } from '../domain/result.ts'
import type { TopicSources } from './news-deps.ts'
import { parseTopic } from './protocol.ts'

export interface TopicReadsDeps extends Clock {
  /** As convoke_app. */
  pool: Pool
  sources: TopicSources
  /** A read that broke for a reason of ours. */
  onError: (error: unknown) => void
}

/** What a client must be told to stand at `seq`; everything after comes as news. */
export type TopicRead =
  | { mode: 'live'; seq: number }
  | { mode: 'replay'; seq: number; events: NewsRow[] }
  | { mode: 'snapshot'; seq: number; state: object }

interface Request {
  actor: Actor
  topic: string
  /** The last seq the client has, of the present epoch; undefined: it wants the state. */
  after: number | undefined
  answer: (read: Result<TopicRead, Refusal>) => void
}

/** What reads of one batch have in common: after the death of a node many sockets ask the same. */
interface Shared {
  answers: Map<string, Promise<object | undefined>>
  events: Map<string, Promise<NewsRow[]>>
}

/** These look the same to everybody who may watch them; a panel may watch its own room. */
const SAME_FOR_A_ROLE: ReadonlySet<TopicKind> = new Set(['room', 'holds', 'floor', 'dashboard'])

/** A state is rarely larger than this many events. */
const MAX_REPLAY = 200
/** Snapshots in flight: joins must leave connections to the rest of the node. */
const MAX_PARALLEL = 3
/** Reads that share a snapshot: one BEGIN and COMMIT for all of them, yet short enough not to hold up the next. */
const MAX_BATCH = 200
/** All sockets of a node reconnecting at once fit; beyond, clients are better told to try again. */
const MAX_QUEUED = 20_000

/**
 * Reads topics' states for joining sockets, many per transaction: when a node dies, thousands of sockets come to the
 * others in the same second. Every read is of one snapshot (head and state or events together).
 */
export class TopicReads {
  readonly #deps: TopicReadsDeps
  /** Per organisation, because a transaction sees one. */
  readonly #queues = new Map<string, Request[]>()
  #queued = 0
  #running = 0

  constructor(deps: TopicReadsDeps) {
    this.#deps = deps
  }

  read(actor: Actor, topic: string, after?: number): Promise<Result<TopicRead, Refusal>> {
    return new Promise((answer) => {
      if (this.#queued >= MAX_QUEUED) {
        answer(err(refuse('unavailable')))
        return
      }
      const queue = this.#queues.get(actor.organizationId)
      const request = { actor, topic, after, answer }
      if (queue === undefined) this.#queues.set(actor.organizationId, [request])
      else queue.push(request)
      this.#queued += 1
      // What arrives in the same turn of the loop travels together.
      setImmediate(() => this.#next())
    })
  }

  #next(): void {
    if (this.#running >= MAX_PARALLEL) return
    const [organizationId, queue] = this.#queues.entries().next().value ?? []
    if (organizationId === undefined || queue === undefined) return
    const batch = queue.splice(0, MAX_BATCH)
    this.#queued -= batch.length
    // To the end of the line: one busy organisation does not starve the others.
    this.#queues.delete(organizationId)
    if (queue.length > 0) this.#queues.set(organizationId, queue)
    this.#running += 1
    void this.#run(organizationId, batch).finally(() => {
      this.#running -= 1
      this.#next()
    })
  }

  async #run(organizationId: string, batch: readonly Request[]): Promise<void> {
    try {
      const reads = await readOnly(this.#deps.pool, organizationId, (tx) => this.#readAll(tx, batch))
      batch.forEach((request, i) => request.answer(reads[i] as Result<TopicRead, Refusal>))
    } catch (error) {
      if (isUnavailable(error)) {
        for (const request of batch) request.answer(err(refuse('unavailable')))
      } else if (batch.length > 1) {
        // One read that breaks takes the transaction with it: the others must not pay.
        for (const request of batch) await this.#run(organizationId, [request])
      } else {
        this.#deps.onError(error)
        batch[0]?.answer(err(refuse('internal')))
      }
    }
  }

  async #readAll(tx: OrganizationTx, batch: readonly Request[]): Promise<Result<TopicRead, Refusal>[]> {
    const heads = await readHeads(tx, [...new Set(batch.map((request) => request.topic))])
    const shared: Shared = { answers: new Map(), events: new Map() }
    const reads = batch.map((request) => this.#readOne(tx, request, heads.get(request.topic) ?? 0, shared))
    // All of them, even when one fails: no statement may be left behind on the connection.
    const settled = await Promise.allSettled(reads)
    return settled.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
  }

  async #readOne(
    tx: OrganizationTx,
    { actor, topic, after }: Request,
    head: number,
    shared: Shared,
  ): Promise<Result<TopicRead, Refusal>> {
    const source = (need: 'state' | 'access') => {
      const { kind, id } = parseTopic(topic)
      const viewer = SAME_FOR_A_ROLE.has(kind) ? `${actor.role} ${actor.roomId ?? ''}` : `${actor.role} ${actor.userId}`
      return once(shared.answers, `${need} ${topic} ${viewer}`, () => {
        return this.#deps.sources[kind](tx, actor, id, this.#deps.now(), need)
      })
    }
    const resumable = after !== undefined && after <= head && head - after <= MAX_REPLAY
    if (resumable) {
      if ((await source('access')) === undefined) return err(refuse('not_found'))
      if (after === head) return ok({ mode: 'live', seq: head })
      const events = await once(shared.events, `${topic} ${after}`, () =>
        readTopicNews(tx, { topic, after, upTo: head }),
      )
      if (events.length === head - after) return ok({ mode: 'replay', seq: head, events })
    }
    const state = await source('state')
    return state === undefined ? err(refuse('not_found')) : ok({ mode: 'snapshot', seq: head, state })
  }
}

function once<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const answer = known.get(key) ?? read()
  known.set(key, answer)
  return answer
}
