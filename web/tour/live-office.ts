import type { Room, RoomNews, RoomSnapshot } from '../client/contract.ts'
import { createRest } from '../client/rest.ts'
import { type RoomState, foldRoomNews, roomStateOf } from '../client/room-state.ts'
import { toServerTime } from '../client/server-clock.ts'
import type { Session } from '../client/session.ts'
import { type Readable, createStore } from '../client/store.ts'
import type { NewsItem } from '../client/topic-cursor.ts'
import { type Link, Topics } from '../client/topics.ts'
import { quantile } from './figures.ts'

/** What the page has seen with its own eyes since it was opened. */
export interface Sight {
  rooms: number
  /** Bookings that were made while it looked. */
  booked: number
  /** Events that reached it, on all of its sockets. */
  news: number
  /** Milliseconds from the command to this page, median of the last ones; undefined: none yet. */
  latencyMs: number | undefined
  /** Bookings it knows of, each held against its neighbours in the room. */
  checked: number
  /** Pairs of them that overlap in one room. */
  doubles: number
}

const LATENCIES = 200
const RETRY_MS = 2_000

/** Watches every room of the organisation, and checks what it is told: no two bookings of a room may overlap. */
export class LiveOffice {
  readonly #topics: Topics
  readonly #rooms = new Map<string, RoomState>()
  readonly #latencies: number[] = []
  readonly #sight = createStore<Sight>({
    rooms: 0,
    booked: 0,
    news: 0,
    latencyMs: undefined,
    checked: 0,
    doubles: 0,
  })
  readonly #session: Session
  #retry: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(session: Session) {
    this.#session = session
    this.#topics = new Topics(session)
    void this.#begin()
  }

  get sight(): Readable<Sight> {
    return this.#sight
  }

  get link(): Readable<Link> {
    return this.#topics.link
  }

  /** News that came by another socket of this page. */
  note(items: readonly Pick<NewsItem, 'at'>[]): void {
    for (const { at } of items) this.#latencies.push(Math.max(0, toServerTime(Date.now()) - Date.parse(at)))
    this.#latencies.splice(0, this.#latencies.length - LATENCIES)
    this.#tell({ news: this.#sight.get().news + items.length, latencyMs: quantile(this.#latencies, 0.5) })
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#topics.close()
  }

  async #begin(): Promise<void> {
    const rooms = await createRest(this.#session).list<Room>('/rooms?active=true')
    if (this.#isClosed) return
    if (!rooms.ok) {
      if (rooms.problem.status !== 401) this.#retry = setTimeout(() => void this.#begin(), RETRY_MS)
      return
    }
    for (const { id } of rooms.value) {
      this.#topics.watch(`room:${id}`, {
        onState: (state) => this.#know(id, roomStateOf(state as RoomSnapshot, Date.now())),
        onEvent: (item) => {
          const news = item.data as RoomNews
          const booked = item.type === 'room.booked' ? (news.booked?.length ?? 0) : 0
          this.#know(id, foldRoomNews(this.#rooms.get(id) ?? [], news, Date.now()))
          this.#tell({ booked: this.#sight.get().booked + booked })
          this.note([item])
        },
        onClosed: () => this.#rooms.delete(id),
      })
    }
  }

  #know(roomId: string, state: RoomState): void {
    this.#rooms.set(roomId, state)
    const states = [...this.#rooms.values()]
    this.#tell({
      rooms: states.length,
      checked: states.reduce((sum, spans) => sum + spans.length, 0),
      doubles: states.reduce((sum, spans) => sum + overlapsIn(spans), 0),
    })
  }

  #tell(change: Partial<Sight>): void {
    this.#sight.set({ ...this.#sight.get(), ...change })
  }
}

/** Spans that begin before an earlier one has ended; they are in order of start. */
export function overlapsIn(spans: RoomState): number {
  let end = -Infinity
  let overlaps = 0
  for (const span of spans) {
    if (span.start < end) overlaps += 1
    end = Math.max(end, span.end)
  }
  return overlaps
}
