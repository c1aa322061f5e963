import type { Problem, Room, RoomNews, RoomSnapshot, RoomStateView } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import { type RoomState, foldRoomNews, roomStateOf } from '../client/room-state.ts'
import { serverNow } from '../client/server-clock.ts'
import { type Readable, createStore } from '../client/store.ts'
import type { Topics } from '../client/topics.ts'
import { type Known, nextChange } from './state-at.ts'

/** What the screen knows of its room. */
export interface Watched {
  room: Room | undefined
  known: Known | undefined
  /** Why the last reading failed. */
  problem: Problem | undefined
  /** The room may not be watched (any more). */
  closed: boolean
}

export interface RoomWatch {
  watched: Readable<Watched>
  /** Reads the state now; resolves when it is shown. */
  refresh: () => Promise<void>
  close: () => void
}

/** A sensor that falls silent tells nobody. */
const REREAD_MS = 60_000
/** The live state reaches 48 h ahead. */
const RENEW_MS = 6 * 3_600_000
const RETRY_MS = 2_000
/** What is due at an instant is done shortly after it. */
const AFTER_MS = 250

/**
 * Keeps what is known of one room. News says that something happened; the state, with the titles that may be read here, is
 * then read anew. Invariant: readings never overlap, and after the last news at least one more begins.
 */
export function watchRoom(topics: Topics, rest: Rest, roomId: string): RoomWatch {
  const watched = createStore<Watched>({ room: undefined, known: undefined, problem: undefined, closed: false })
  let spans: RoomState = []
  let reading: Promise<void> | undefined
  let isAskedAgain = false
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const end = topics.watch(`room:${roomId}`, {
    onState: (state) => {
      const { room, ...snapshot } = state as RoomSnapshot & { room?: Room }
      watched.set({ ...watched.get(), room: room ?? watched.get().room, closed: false })
      take(roomStateOf(snapshot, serverNow()))
    },
    onEvent: ({ data }) => take(foldRoomNews(spans, data as RoomNews, serverNow())),
    onClosed: () => watched.set({ ...watched.get(), closed: true }),
  })
  const renewing = setInterval(() => topics.renew(), RENEW_MS)
  void refresh()

  return {
    watched,
    refresh,
    close: () => {
      isClosed = true
      clearTimeout(timer)
      clearInterval(renewing)
      end()
    },
  }

  function take(next: RoomState): void {
    spans = next
    const { known } = watched.get()
    if (known !== undefined) watched.set({ ...watched.get(), known: { ...known, spans } })
    void refresh()
  }

  function refresh(): Promise<void> {
    isAskedAgain = reading !== undefined
    reading ??= readAll().finally(() => (reading = undefined))
    return reading
  }

  async function readAll(): Promise<void> {
    do {
      isAskedAgain = false
      await read()
    } while (isAskedAgain && !isClosed)
    clearTimeout(timer)
    const { known, problem } = watched.get()
    const now = serverNow()
    const change = known === undefined ? Infinity : nextChange(known, now) - now + AFTER_MS
    const wait = problem === undefined ? Math.min(change, REREAD_MS) : RETRY_MS
    if (!isClosed) timer = setTimeout(() => void refresh(), wait)
  }

  async function read(): Promise<void> {
    const readAt = serverNow()
    const answer = await rest.get<RoomStateView>(`/rooms/${roomId}/state`)
    if (answer.ok) watched.set({ ...watched.get(), known: { view: answer.value, readAt, spans }, problem: undefined })
    else watched.set({ ...watched.get(), problem: answer.problem })
  }
}
