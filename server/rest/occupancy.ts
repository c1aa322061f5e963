import { z } from 'zod'
import { createOccupancyStore } from '../../db/rooms/occupancy-tx.ts'
import { can } from '../../domain/identity/can.ts'
import { type RefusalCode, REFUSALS, refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import type { OccupancyDeps } from '../../domain/rooms/ports.ts'
import { reportOccupancy } from '../../domain/rooms/report-occupancy.ts'
import type { ApiDeps } from '../deps.ts'
import { id, instant, line } from './input.ts'
import { type Route, route } from './route.ts'

/** A gateway of a large building, some minutes late. */
const MAX_SAMPLES = 1_000
const MAX_PEOPLE = 10_000

const sample = z.strictObject({
  id: line(100),
  roomId: id,
  at: instant,
  present: z.boolean(),
  count: z.int().min(0).max(MAX_PEOPLE).nullable().default(null),
  confidence: z.number().min(0).max(1).nullable().default(null),
})

const body = z.strictObject({ samples: z.array(sample).min(1).max(MAX_SAMPLES) })

/** Where sensors speak. */
export function occupancyRoutes(deps: ApiDeps): Route[] {
  const occupancy: OccupancyDeps = { ...deps, ...createOccupancyStore(deps) }
  return [
    route({
      method: 'POST',
      path: '/occupancy',
      summary: 'What sensors say of rooms; a sample counts once, and only the newest word about a room stands',
      panels: true,
      body,
      answers: z.object({
        accepted: z.int(),
        duplicates: z.int(),
        refused: z.array(z.object({ id: z.string(), code: z.enum(Object.keys(REFUSALS) as [RefusalCode]) })),
      }),
      // Which rooms it may speak of is said sample by sample; who may speak of none is told so at once.
      locate: async (actor) => (mayReport(actor) ? undefined : refuse('forbidden')),
      handle: async ({ actor, body: { samples } }) => {
        if (!mayReport(actor)) return err(refuse('forbidden'))
        const reported = await reportOccupancy(occupancy, actor, samples)
        return reported.ok ? ok({ status: 202, body: reported.value }) : reported
      },
    }),
  ]
}

function mayReport(actor: Parameters<typeof can>[0]): boolean {
  return can(actor, 'report', actor.roomId === undefined ? { kind: 'room' } : { kind: 'room', roomId: actor.roomId })
}
