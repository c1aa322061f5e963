import DataLoader from 'dataloader'
import type { Pool } from 'pg'
import { seeMeetingsById } from '../../db/meetings/queries.ts'
import { usersById } from '../../db/people/users-by-id.ts'
import { buildingsById, floorsById } from '../../db/rooms/places-by-id.ts'
import { type Building, type Floor, roomsById } from '../../db/rooms/queries.ts'
import { roomStatesOf } from '../../db/rooms/room-state.ts'
import { type OrganizationTx, readOnly } from '../../db/transaction.ts'
import type { Clock } from '../../domain/deps.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { MeetingView } from '../../domain/meetings/meeting-view.ts'
import { type UserView, userView } from '../../domain/people/user.ts'
import type { RoomBookingView, RoomStateView } from '../../domain/rooms/room-state.ts'
import { type RoomView, roomView } from '../../domain/rooms/room.ts'

/** Everything one operation may look up by id: each kind at most once per level of the operation, and only what the viewer may see. */
export interface Loaders {
  user: Loader<UserView>
  room: Loader<RoomView>
  floor: Loader<Floor>
  building: Loader<Building>
  meeting: Loader<MeetingView>
  roomState: Loader<RoomStateView>
}

/** null: there is none, or the viewer may not know of it. */
export type Loader<T> = DataLoader<string, T | null>

const MAX_BATCH = 500

/** `isShared`: what is found is given to everybody of this role, so nothing that depends on the very person is looked up. */
export function createLoaders({ pool, now }: { pool: Pool } & Clock, actor: Actor, isShared = false): Loaders {
  const loader = <T>(
    read: (tx: OrganizationTx, ids: string[]) => Promise<T[]>,
    idOf: (item: T) => string,
    maySee: (id: string) => boolean,
  ): Loader<T> =>
    new DataLoader(
      async (ids) => {
        const visible = ids.filter(maySee)
        const found = visible.length === 0 ? [] : await readOnly(pool, actor.organizationId, (tx) => read(tx, visible))
        const byId = new Map(found.map((item) => [idOf(item), item]))
        return ids.map((id) => byId.get(id) ?? null)
      },
      { maxBatchSize: MAX_BATCH },
    )
  const id = (item: { id: string }) => item.id
  const maySeePlaces = () => can(actor, 'read', { kind: 'organization' })
  return {
    user: loader(
      async (tx, ids) => (await usersById(tx, ids)).map(userView),
      id,
      (userId) => can(actor, 'read', { kind: 'user', userId }),
    ),
    room: loader(
      async (tx, ids) => (await roomsById(tx, ids)).map(roomView),
      id,
      (roomId) => can(actor, 'read', { kind: 'room', roomId }),
    ),
    floor: loader(floorsById, id, maySeePlaces),
    building: loader(buildingsById, id, maySeePlaces),
    meeting: loader(
      async (tx, ids) => (await seeMeetingsById(tx, actor, ids)).map(({ view }) => view),
      id,
      () => !isShared,
    ),
    roomState: loader(
      async (tx, ids) => {
        const states = [...(await roomStatesOf(tx, actor, ids, now())).values()]
        return isShared ? states.map(withoutContent) : states
      },
      (state) => state.roomId,
      (roomId) => can(actor, 'read', { kind: 'room', roomId }),
    ),
  }
}

function withoutContent(state: RoomStateView): RoomStateView {
  const blind = (booking: RoomBookingView | null) => {
    if (booking === null) return null
    const { title: _title, organizer: _organizer, ...rest } = booking
    return rest
  }
  return { ...state, current: blind(state.current), next: blind(state.next) }
}
