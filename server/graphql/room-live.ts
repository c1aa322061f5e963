import type { FloorStateView } from '../../db/rooms/room-state.ts'
import type { DashboardView } from '../../domain/rooms/dashboard.ts'
import { BLIND, type RoomStateView } from '../../domain/rooms/room-state.ts'
import { id } from '../rest/input.ts'
import { parsed } from './arguments.ts'
import { builder } from './builder.ts'
import type { LiveItem } from './deps.ts'
import { CursorInput, LiveInterface, follow, followAll } from './live.ts'
import {
  DashboardKind,
  DashboardType,
  FloorStateType,
  RoomStateType,
  readDashboard,
  readFloor,
  roomIds,
} from './room-state.ts'

// News says what has changed; where it does not say what it has become, the state is read anew: once for everybody who listens.

const RoomNews = builder.objectRef<LiveItem>('RoomNews').implement({
  interfaces: [LiveInterface],
  fields: (t) => ({
    roomId: t.id({ resolve: idOf }),
    state: t.field({
      type: RoomStateType,
      nullable: true,
      description: 'As it is after the event; no title and no person.',
      resolve: (item, _, { load }) => (item.data as { state?: RoomStateView }).state ?? load.roomState.load(idOf(item)),
    }),
  }),
})

const FloorNews = builder.objectRef<LiveItem>('FloorNews').implement({
  interfaces: [LiveInterface],
  fields: (t) => ({
    floor: t.field({
      type: FloorStateType,
      nullable: true,
      description: 'The whole floor as it is after the event; no title and no person.',
      resolve: (item, _, context) => {
        const { floorId, rooms } = item.data as Partial<FloorStateView>
        const isWhole = item.type === 'snapshot' && floorId !== undefined && rooms !== undefined
        return isWhole ? { floorId, rooms } : readFloor(context, idOf(item), BLIND)
      },
    }),
  }),
})

const DashboardNews = builder.objectRef<LiveItem>('DashboardNews').implement({
  interfaces: [LiveInterface],
  fields: (t) => ({
    dashboard: t.field({
      type: DashboardType,
      nullable: true,
      description: 'As it is after the event.',
      resolve: (item, _, context) => {
        const { floors, totals } = item.data as Partial<DashboardView>
        return floors && totals ? { floors, totals } : readDashboard(context, idOf(item))
      },
    }),
  }),
})

builder.subscriptionFields((t) => ({
  roomState: t.field({
    type: RoomNews,
    description: 'One stream for up to 100 rooms. With several rooms each cursor names its topic, `room:<id>`.',
    args: { ids: t.arg.idList({ required: true }), after: t.arg({ type: [CursorInput] }) },
    subscribe: (_, args, context) => {
      const topics = [...new Set(parsed(roomIds, args.ids))].map((roomId) => `room:${roomId}`)
      return followAll(context, topics, args.after)
    },
    resolve: (item) => item,
  }),
  floorState: t.field({
    type: FloorNews,
    args: { floorId: t.arg.id({ required: true }), after: t.arg({ type: CursorInput }) },
    subscribe: (_, args, context) => follow(context, `floor:${parsed(id, args.floorId)}`, args.after),
    resolve: (item) => item,
  }),
  dashboard: t.field({
    type: DashboardNews,
    args: {
      kind: t.arg({ type: DashboardKind, required: true }),
      scope: t.arg.id({ required: true, description: 'The id of the organisation.' }),
      after: t.arg({ type: CursorInput }),
    },
    subscribe: (_, args, context) => follow(context, `dashboard:rooms:${parsed(id, args.scope)}`, args.after),
    resolve: (item) => item,
  }),
}))

/** The last part of `room:<id>`, `floor:<id>`, `dashboard:rooms:<id>`. */
function idOf({ topic }: LiveItem): string {
  return topic.slice(topic.lastIndexOf(':') + 1)
}
