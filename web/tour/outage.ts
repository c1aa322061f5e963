import type { Booked, Room } from '../client/contract.ts'
import type { Session } from '../client/session.ts'
import { type Readable, createStore } from '../client/store.ts'
import type { NewsItem } from '../client/topic-cursor.ts'
import { type Exchange, demand } from './exchange.ts'
import { quantile } from './figures.ts'
import { type NodesWatch, REVIVAL_MS, realtimeOf } from './nodes.ts'
import { Refused } from './refused.ts'
import { Spectator } from './spectator.ts'

export const SPECTATORS = 20
/** Bookings made while the node dies and comes back, one after the other. */
const BOOKINGS = 24
const KILL_AFTER = 5
const BETWEEN_MS = 120
/** How long everybody may take to have heard of everything. */
const PATIENCE_MS = 8_000
const STEP_MS = 25
const ROOMS = 3
const LONG_MS = 5 * 60_000
const HOUR_MS = 3_600_000

export interface OutageView {
  phase: 'gathering' | 'booking' | 'killed' | 'settling' | 'waiting' | 'done'
  /** Sockets by the node that answers them; those without any are nowhere. */
  places: { node: string | undefined }[]
  victim: { id: string; pid: number } | undefined
  /** The process that took its name. */
  revived: { pid: number; afterMs: number } | undefined
  bookings: number
  /** Of `bookings` times all sockets: how many were heard of. */
  told: number
  /** undefined: not everybody may have heard of everything yet. */
  lost: number | undefined
  gaps: number
  duplicates: number
  moved: number
  /** Of the sockets that moved: without a connection, milliseconds. */
  silence: { median: number | undefined; longest: number | undefined }
}

export interface OutageResult extends OutageView {
  kill: Exchange
}

export interface OutageDeps {
  session: Session
  nodes: NodesWatch
  /** News of every spectator. */
  onNews: (items: readonly NewsItem[]) => void
}

/**
 * Twenty stock clients watch three rooms; bookings are made one after the other; a realtime process is killed in between.
 * Whoever was on it moves, and must be told of every booking once.
 */
export class Outage {
  readonly #deps: OutageDeps
  readonly #view = createStore<OutageView>({
    phase: 'gathering',
    places: [],
    victim: undefined,
    revived: undefined,
    bookings: 0,
    told: 0,
    lost: undefined,
    gaps: 0,
    duplicates: 0,
    moved: 0,
    silence: { median: undefined, longest: undefined },
  })
  readonly #spectators: Spectator[] = []
  /** Ids of allocations that were granted here. */
  readonly #granted: string[] = []

  constructor(deps: OutageDeps) {
    this.#deps = deps
  }

  get view(): Readable<OutageView> {
    return this.#view
  }

  /** Throws `Refused`. */
  async run(): Promise<OutageResult> {
    try {
      const { rooms, from } = await this.#quietRooms()
      await this.#gather(rooms)
      const [meetingIds, kill] = await Promise.all([this.#book(rooms, from), this.#killBusiest()])
      this.#tell({ phase: 'settling' })
      await until(() => this.#spectators.every((one) => this.#hasHeardAll(one)), PATIENCE_MS)
      this.#tell({ phase: 'waiting', lost: this.#granted.length * this.#spectators.length - this.#count().told })
      await Promise.all([this.#seeRevival(), this.#tidyUp(meetingIds)])
      this.#tell({ phase: 'done' })
      return { ...this.#view.get(), kill }
    } finally {
      for (const one of this.#spectators) one.close()
    }
  }

  /** Rooms that nobody has for two hours of tomorrow. */
  async #quietRooms(): Promise<{ rooms: Room[]; from: number }> {
    const { session } = this.#deps
    const day = Math.floor(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS
    for (const from of [day, day + 4 * HOUR_MS, day + 8 * HOUR_MS, day + 12 * HOUR_MS]) {
      const span = `startTime=${iso(from)}&endTime=${iso(from + 2 * HOUR_MS)}`
      const { answer } = await demand(session, 'GET', `/rooms/available?${span}`)
      const rooms = (answer as { items: Room[] }).items.slice(0, ROOMS)
      if (rooms.length > 0) return { rooms, from }
    }
    throw new Refused('No room is free tomorrow to be booked while a node dies.')
  }

  async #gather(rooms: readonly Room[]): Promise<void> {
    const { session, onNews } = this.#deps
    const topics = rooms.map(({ id }) => `room:${id}`)
    const token = async () => {
      const answer = await session.token()
      return answer.ok ? answer.value : ''
    }
    const onChange = () => this.#tell({})
    for (let i = 0; i < SPECTATORS; i++) this.#spectators.push(new Spectator({ token, topics, onChange, onNews }))
    if (!(await until(() => this.#spectators.every((one) => one.isWatching), PATIENCE_MS)))
      throw new Refused('Not every socket could be opened.')
  }

  async #book(rooms: readonly Room[], from: number): Promise<string[]> {
    this.#tell({ phase: 'booking' })
    const meetingIds: string[] = []
    for (let i = 0; i < BOOKINGS; i++) {
      const room = rooms[i % rooms.length] as Room
      const start = from + Math.floor(i / rooms.length) * LONG_MS
      const times = { startTime: iso(start), endTime: iso(start + LONG_MS), timezone: 'UTC' }
      const said = await demand(this.#deps.session, 'POST', `/rooms/${room.id}/book`, { title: 'Outage', ...times })
      const { meeting, allocations } = said.answer as Booked & { allocations: { allocationId: string }[] }
      meetingIds.push(meeting.id)
      for (const { allocationId } of allocations) this.#granted.push(allocationId)
      this.#tell({})
      await delay(BETWEEN_MS)
    }
    return meetingIds
  }

  /** The one with most of our sockets. */
  async #killBusiest(): Promise<Exchange> {
    const { session, nodes } = this.#deps
    await until(() => this.#granted.length >= KILL_AFTER, PATIENCE_MS)
    const all = realtimeOf(await nodes.look())
    const busiest = all.toSorted((a, b) => this.#socketsOn(b.id) - this.#socketsOn(a.id))[0]
    if (busiest === undefined) throw new Refused('There is no realtime process to kill.')
    const moved = this.#socketsOn(busiest.id)
    const kill = await demand(session, 'POST', `/demo/nodes/${busiest.id}/kill`, {})
    this.#tell({ phase: 'killed', victim: busiest, moved })
    return kill
  }

  async #seeRevival(): Promise<void> {
    const { victim } = this.#view.get()
    const since = performance.now()
    while (victim !== undefined && performance.now() - since < REVIVAL_MS) {
      const again = realtimeOf(await this.#deps.nodes.look()).find(
        ({ id, pid }) => id === victim.id && pid !== victim.pid,
      )
      if (again !== undefined) {
        this.#tell({ revived: { pid: again.pid, afterMs: performance.now() - since } })
        return
      }
      await delay(10 * STEP_MS)
    }
  }

  async #tidyUp(meetingIds: readonly string[]): Promise<void> {
    for (const id of meetingIds) {
      await demand(this.#deps.session, 'DELETE', `/meetings/${id}`).catch(() => {})
      // The pace of the contract's writes.
      await delay(2 * STEP_MS)
    }
  }

  #socketsOn(node: string): number {
    return this.#spectators.filter((one) => one.node === node).length
  }

  #hasHeardAll(one: Spectator): boolean {
    return one.isWatching && this.#granted.every((id) => one.told.has(id))
  }

  #count(): Pick<OutageView, 'told' | 'gaps' | 'duplicates' | 'silence'> {
    const sum = (of: (one: Spectator) => number) => this.#spectators.reduce((total, one) => total + of(one), 0)
    const silences = this.#spectators.flatMap((one) => one.silences)
    return {
      told: sum((one) => this.#granted.filter((id) => one.told.has(id)).length),
      gaps: sum((one) => one.gaps),
      duplicates: sum((one) => one.duplicates),
      silence: { median: quantile(silences, 0.5), longest: quantile(silences, 1) },
    }
  }

  #tell(change: Partial<OutageView>): void {
    const places = this.#spectators.map(({ node }) => ({ node }))
    this.#view.set({ ...this.#view.get(), places, bookings: this.#granted.length, ...this.#count(), ...change })
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

/** Whether it came true in time. */
async function until(isTrue: () => boolean, ms: number): Promise<boolean> {
  const limit = performance.now() + ms
  while (!isTrue()) {
    if (performance.now() > limit) return false
    await delay(STEP_MS)
  }
  return true
}

function delay(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
