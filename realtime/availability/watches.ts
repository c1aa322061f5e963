import type { Clock, Ids } from '../../domain/deps.ts'
import type { SubjectEntry } from '../../domain/availability/subject-entry.ts'
import { type StandingStart, standingStarts } from '../../domain/availability/standing-starts.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { Watcher } from '../newsroom.ts'
import { AVAILABILITY_CHANGED, type NewsItem, SNAPSHOT } from '../protocol.ts'
import { createTicker } from '../ticker.ts'
import { maySeeAll } from './may-see.ts'
import { EntriesMade } from './entries-made.ts'
import { AVAILABILITY_BOUNDS, type AvailabilityQuery, subjectDaysOf, wrongQuery } from './query.ts'
import { Reading } from './reading.ts'
import type { SubjectTimes } from './subject-times.ts'

export interface WatchesDeps extends Clock, Ids {
  times: SubjectTimes
  nodeId: string
  /** Of the log; undefined until it was seen. */
  epoch: () => number | undefined
}

/** The ack of `availability.watch`. */
export interface AvailabilityJoined {
  answer: { topic: string; epoch: number; seq: number; mode: 'snapshot'; state: object; node: string }
  follow: () => void
}

export interface AvailabilityReader extends Pick<
  Watcher,
  'id' | 'actor' | 'send' | 'closeTopic' | 'mayTakeEvents' | 'hasCaughtUp'
> {
  /** Where it takes items as JSON, what many are told is encoded once. */
  sendEncoded?: (items: string) => void
}

/**
 * One standing query of one reader.
 * - opening: its subjects are being read, or the reader has not been given them yet.
 * - live: what the reader holds is `told`; `changed` names the subjects read anew since.
 * - stale: the reader is slow; the next thing it gets is a snapshot.
 * - gone: nothing may be sent for it.
 */
interface Watch {
  readonly id: string
  readonly topic: string
  readonly epoch: number
  readonly reader: AvailabilityReader
  readonly query: AvailabilityQuery
  readonly reading: Reading
  readonly subjectDays: number
  mode: 'opening' | 'live' | 'stale' | 'gone'
  seq: number
  told: Map<string, SubjectEntry>
  /** As it was sent. */
  starts: string | undefined
  readonly changed: Set<string>
  /** When it was told something last, by `performance.now()`. */
  toldAt: number
}

/** Nobody follows more than twenty changes a second with his eyes, and a burst of bookings is then told as one. */
const COALESCE_MS = 50
const FLUSH_MS = 10
/** Told in one go: some milliseconds, after which others have their turn. */
const MAX_PER_FLUSH = 64
const REFRESH_MS = 500

/**
 * The standing queries of this node. Invariant: per watch, seqs are consecutive, and whoever has folded all of them has what a new
 * snapshot would say as soon as nothing is changing. Computed only for the watches that a change touches.
 */
export class Watches implements Disposable {
  readonly #deps: WatchesDeps
  readonly #byReader = new Map<string, Map<string, Watch>>()
  readonly #due = new Set<Watch>()
  readonly #stale = new Set<Watch>()
  readonly #ticker = createTicker(FLUSH_MS, () => this.#flush())
  readonly #refreshing = setInterval(() => this.refresh(), REFRESH_MS).unref()
  readonly #made = new EntriesMade()
  #subjectDays = 0
  #count = 0

  constructor(deps: WatchesDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#count
  }

  /** Refuses with `not_found` whom the reader may not know of, `too_large`, `invalid_time`, `unavailable`. */
  async open(reader: AvailabilityReader, query: AvailabilityQuery): Promise<Result<AvailabilityJoined, Refusal>> {
    const { times, newId, epoch, nodeId } = this.#deps
    if (!maySeeAll(reader.actor, query.subjects)) return err(refuse('not_found'))
    const wrong = wrongQuery(query) ?? this.#over(reader, query)
    if (wrong !== undefined) return err(wrong)
    const present = epoch()
    if (present === undefined) return err(refuse('unavailable'))
    const id = newId()
    const watch: Watch = {
      ...{ id, topic: `availability:${id}`, epoch: present, reader, query, seq: 1, starts: undefined, toldAt: 0 },
      ...{ mode: 'opening', told: new Map(), changed: new Set(), subjectDays: subjectDaysOf(query) },
      reading: new Reading(times, reader.actor.organizationId, query, (subject) => this.#changed(watch, subject)),
    }
    this.#enter(watch)
    const known = await watch.reading.known
    // TypeScript takes the mode for what it was before the wait.
    if ((watch as { mode: string }).mode === 'gone') return err(refuse('stale', 'The watch has ended meanwhile.'))
    if (!known || !watch.reading.isComplete) {
      this.#end(watch)
      return err(refuse(known ? 'not_found' : 'unavailable'))
    }
    const { topic, seq } = watch
    return ok({
      answer: { topic, epoch: present, seq, mode: 'snapshot', state: this.#snapshot(watch), node: nodeId },
      follow: () => {
        if (watch.mode !== 'opening') return
        watch.mode = 'live'
        if (watch.changed.size > 0) this.#makeDue(watch)
      },
    })
  }

  close(reader: Pick<Watcher, 'id'>, topic: string): void {
    const watch = this.#byReader.get(reader.id)?.get(topic)
    if (watch !== undefined) this.#end(watch)
  }

  leave(reader: Pick<Watcher, 'id'>): void {
    for (const watch of this.#byReader.get(reader.id)?.values() ?? []) this.#end(watch)
  }

  /** The reader's actor has other rights: what he may not see any more is closed. */
  judgeAnew(reader: Pick<Watcher, 'id' | 'actor'>): void {
    for (const watch of this.#byReader.get(reader.id)?.values() ?? []) {
      if (!maySeeAll(reader.actor, watch.query.subjects)) this.#closed(watch)
    }
  }

  /** Brings the state to slow readers that have caught up. */
  refresh(): void {
    for (const watch of this.#stale) {
      if (!watch.reader.hasCaughtUp()) continue
      if (!watch.reading.isComplete) {
        this.#closed(watch)
        continue
      }
      this.#stale.delete(watch)
      watch.mode = 'live'
      watch.seq += 1
      watch.reader.send([this.#item(watch, SNAPSHOT, this.#snapshot(watch))])
    }
  }

  [Symbol.dispose](): void {
    this.#ticker.stop()
    clearInterval(this.#refreshing)
  }

  #over({ id }: AvailabilityReader, query: AvailabilityQuery): Refusal | undefined {
    const own = [...(this.#byReader.get(id)?.values() ?? [])]
    const { watchesPerSocket, subjectDaysPerSocket, subjectDaysPerNode } = AVAILABILITY_BOUNDS
    if (own.length >= watchesPerSocket) {
      return refuse('too_large', `A socket has at most ${watchesPerSocket} standing queries.`)
    }
    const days = own.reduce((sum, { subjectDays }) => sum + subjectDays, subjectDaysOf(query))
    if (days > subjectDaysPerSocket) {
      return refuse('too_large', `People and rooms times days of a socket are at most ${subjectDaysPerSocket}.`)
    }
    return this.#subjectDays + days > subjectDaysPerNode ? refuse('unavailable') : undefined
  }

  #enter(watch: Watch): void {
    const { id } = watch.reader
    const own = this.#byReader.get(id)
    if (own === undefined) this.#byReader.set(id, new Map([[watch.topic, watch]]))
    else own.set(watch.topic, watch)
    this.#subjectDays += watch.subjectDays
    this.#count += 1
  }

  #end(watch: Watch): void {
    if (watch.mode === 'gone') return
    watch.mode = 'gone'
    watch.reading.end()
    this.#due.delete(watch)
    this.#stale.delete(watch)
    this.#subjectDays -= watch.subjectDays
    this.#count -= 1
    const own = this.#byReader.get(watch.reader.id)
    own?.delete(watch.topic)
    if (own?.size === 0) this.#byReader.delete(watch.reader.id)
  }

  #closed(watch: Watch): void {
    this.#end(watch)
    watch.reader.closeTopic({ topic: watch.topic })
  }

  #changed(watch: Watch, subject: string): void {
    watch.changed.add(subject)
    if (watch.mode === 'live') this.#makeDue(watch)
  }

  #makeDue(watch: Watch): void {
    this.#due.add(watch)
    this.#ticker.due()
  }

  #flush(): void {
    const now = performance.now()
    let told = 0
    for (const watch of this.#due) {
      if (now - watch.toldAt < COALESCE_MS) continue
      if (told === MAX_PER_FLUSH) break
      this.#due.delete(watch)
      if (!watch.reading.isComplete) this.#closed(watch)
      else if (!watch.reader.mayTakeEvents()) this.#fallBehind(watch)
      else if (this.#tell(watch)) {
        watch.toldAt = now
        told += 1
      }
    }
    if (this.#due.size > 0) this.#ticker.due()
  }

  /** Whether there was anything that the reader can see. */
  #tell(watch: Watch): boolean {
    const { reader, told } = watch
    const changed = this.#changedEntries(watch)
    const starts = this.#newStarts(watch)
    if (changed.length === 0 && starts === undefined) return false
    watch.seq += 1
    for (const { after } of changed) told.set(after.id, after)
    if (reader.sendEncoded === undefined) {
      const subjects = changed.map(({ after }) => this.#made.view(after))
      reader.send([this.#item(watch, AVAILABILITY_CHANGED, { subjects, ...starts?.view })])
    } else {
      const head = JSON.stringify(this.#item(watch, AVAILABILITY_CHANGED, undefined)).slice(0, -1)
      const subjects = changed.map(({ delta }) => delta).join()
      const last = starts === undefined ? '' : `,"starts":${starts.text}`
      reader.sendEncoded(`[${head},"data":{"subjects":[${subjects}]${last}}}]`)
    }
    return true
  }

  #fallBehind(watch: Watch): void {
    watch.mode = 'stale'
    this.#stale.add(watch)
  }

  /** What the reader does not hold yet, with what leads there from what he holds. */
  #changedEntries(watch: Watch): { after: SubjectEntry; delta: string }[] {
    const changed = [...watch.changed].flatMap((id) => {
      const after = this.#entry(watch, id)
      const delta = this.#made.delta(watch.told.get(id)!, after)
      return delta === '' ? [] : [{ after, delta }]
    })
    watch.changed.clear()
    return changed
  }

  #snapshot(watch: Watch): object {
    watch.changed.clear()
    watch.told = new Map(watch.query.subjects.map(({ id }) => [id, this.#entry(watch, id)]))
    watch.starts = undefined
    const subjects = [...watch.told.values()].map((entry) => this.#made.view(entry))
    return { subjects, ...this.#newStarts(watch)?.view }
  }

  #entry({ reading, query, reader }: Watch, id: string): SubjectEntry {
    return this.#made.entry(reading.factsOf(id)!, query.window, { userId: reader.actor.userId, now: this.#deps.now() })
  }

  /** undefined: they are as they were told, or nobody asked. */
  #newStarts(watch: Watch): { view: { starts: object[] }; text: string } | undefined {
    const { query, reading, reader } = watch
    const { durationMinutes, required, subjects } = query
    if (durationMinutes === undefined) return undefined
    const facts = subjects.map(({ id }) => reading.factsOf(id)!)
    const needed = new Set(required ?? subjects.map(({ id }) => id))
    const viewer = { userId: reader.actor.userId, now: this.#deps.now() }
    const starts = standingStarts(facts, needed, { ...query, durationMinutes }, viewer).map(startView)
    const text = JSON.stringify(starts)
    if (text === watch.starts) return undefined
    watch.starts = text
    return { view: { starts }, text }
  }

  #item({ topic, epoch, seq }: Watch, type: string, data: object | undefined): NewsItem {
    return { topic, epoch, seq, type, at: formatInstant(this.#deps.now()), data }
  }
}

function startView({ start, free, missing }: StandingStart) {
  return { start: formatInstant(start), free, missing }
}
