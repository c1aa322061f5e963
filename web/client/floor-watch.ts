import type { RoomNews, RoomSnapshot } from './contract.ts'
import { type RoomState, foldRoomNews, roomStateOf } from './room-state.ts'
import { type Readable, createStore } from './store.ts'
import type { Topics } from './topics.ts'

/** A room as far as it is known live; `changes` counts the news since the first state. */
export interface LiveRoom {
  spans: RoomState
  changes: number
  /** It may not be watched any more. */
  closed: boolean
}

export interface FloorWatch {
  /** By room id; a room that is not there has not been answered yet. */
  rooms: Readable<ReadonlyMap<string, LiveRoom>>
  close: () => void
}

const RENEW_MS = 6 * 3_600_000

/** Watches rooms and keeps their state. */
export function watchFloor(topics: Topics, roomIds: readonly string[]): FloorWatch {
  const rooms = createStore<ReadonlyMap<string, LiveRoom>>(new Map())
  const update = (id: string, next: (before: LiveRoom | undefined) => LiveRoom) =>
    rooms.set(new Map(rooms.get()).set(id, next(rooms.get().get(id))))
  const ends = roomIds.map((id) =>
    topics.watch(`room:${id}`, {
      onState: (state) =>
        update(id, (before) => ({
          spans: roomStateOf(state as RoomSnapshot, Date.now()),
          changes: before?.changes ?? 0,
          closed: false,
        })),
      onEvent: ({ data }) =>
        update(id, (before) => ({
          spans: foldRoomNews(before?.spans ?? [], data as RoomNews, Date.now()),
          changes: (before?.changes ?? 0) + 1,
          closed: false,
        })),
      onClosed: () => update(id, () => ({ spans: [], changes: 0, closed: true })),
    }),
  )
  const renewing = setInterval(() => topics.renew(), RENEW_MS)
  return {
    rooms,
    close: () => {
      clearInterval(renewing)
      for (const end of ends) end()
    },
  }
}
