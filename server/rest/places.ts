import { z } from 'zod'
import {
  type Building,
  type Equipment,
  type Floor,
  listBuildings,
  listEquipment,
  listFloors,
} from '../../db/rooms/queries.ts'
import type { ApiDeps } from '../deps.ts'
import { id, pageQuery } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

/** Building and level of the last floor of a page. */
const floorKey = z.tuple([z.uuid(), z.int32()])

const nameKey = z.tuple([z.string()])
const same = <T>(item: T): T => item
const listOf = (item: z.ZodType) => z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** Where rooms are and what can be in them. Everybody of the organisation may see these. */
export function placesRoutes(deps: ApiDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/buildings',
      summary: 'Buildings in the order of names',
      query: z.strictObject(pageQuery),
      answers: listOf(
        z.object({ id: z.uuid(), name: z.string(), address: z.string().nullable(), timezone: z.string() }),
      ),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: nameKey,
          keyOf: (building: Building) => [building.name],
          view: same,
          read: ({ limit, after }) => listBuildings(deps.pool, actor.organizationId, { limit, after: after?.[0] }),
        }),
    }),
    route({
      method: 'GET',
      path: '/floors',
      summary: 'Floors by building, from the ground up',
      query: z.strictObject({ ...pageQuery, buildingId: id.optional() }),
      answers: listOf(z.object({ id: z.uuid(), buildingId: z.uuid(), name: z.string(), level: z.int() })),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: floorKey,
          keyOf: (floor: Floor) => [floor.buildingId, floor.level],
          view: same,
          read: ({ limit, after }) =>
            listFloors(deps.pool, actor.organizationId, { limit, after, buildingId: query.buildingId }),
        }),
    }),
    route({
      method: 'GET',
      path: '/equipment',
      summary: 'Kinds of equipment in the order of names',
      query: z.strictObject(pageQuery),
      answers: listOf(z.object({ id: z.uuid(), name: z.string() })),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: nameKey,
          keyOf: (kind: Equipment) => [kind.name],
          view: same,
          read: ({ limit, after }) => listEquipment(deps.pool, actor.organizationId, { limit, after: after?.[0] }),
        }),
    }),
  ]
}
