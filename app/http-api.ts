import type { Hono } from 'hono'
import type { ApiEnv } from '../server/api-env.ts'
import { createApi } from '../server/api.ts'
import { pages } from '../server/pages.ts'
import { authRoutes } from '../server/rest/auth.ts'
import { meetingsRoutes } from '../server/rest/meetings.ts'
import { placesRoutes } from '../server/rest/places.ts'
import { roomBookingsRoutes } from '../server/rest/room-bookings.ts'
import { roomsRoutes } from '../server/rest/rooms.ts'
import { usersRoutes } from '../server/rest/users.ts'
import { buildWeb } from './build-web.ts'
import type { Context } from './context.ts'

/** The HTTP tier of this process: every route of the contract, and the pages. */
export async function openHttpApi(context: Context): Promise<Hono<ApiEnv>> {
  const { trustedProxies } = context.config
  const deps = { ...context, trustedProxies, authenticate: context.identity.authenticate }
  const routes = [
    ...authRoutes({ ...deps, identity: context.identity }),
    ...usersRoutes(deps),
    // Fixed paths before `/rooms/:id`.
    ...roomBookingsRoutes(deps),
    ...roomsRoutes(deps),
    ...placesRoutes(deps),
    ...meetingsRoutes(deps),
  ]
  return createApi(deps, routes, pages(await buildWeb()))
}
