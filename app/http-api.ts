import { Hono } from 'hono'
import type { ApiEnv } from '../server/api-env.ts'
import { createApi } from '../server/api.ts'
import { pages } from '../server/pages.ts'
import { auditRoutes } from '../server/rest/audit.ts'
import { authRoutes } from '../server/rest/auth.ts'
import { calendarsRoutes } from '../server/rest/calendars.ts'
import { devicesRoutes } from '../server/rest/devices.ts'
import { floorsRoutes } from '../server/rest/floors.ts'
import { jobsRoutes } from '../server/rest/jobs.ts'
import { meetingsRoutes } from '../server/rest/meetings.ts'
import { notificationsRoutes } from '../server/rest/notifications.ts'
import { occupancyRoutes } from '../server/rest/occupancy.ts'
import { placesRoutes } from '../server/rest/places.ts'
import { roomBookingsRoutes } from '../server/rest/room-bookings.ts'
import { roomStateRoutes } from '../server/rest/room-state.ts'
import { roomsRoutes } from '../server/rest/rooms.ts'
import type { Route } from '../server/rest/route.ts'
import { sessionsRoutes } from '../server/rest/sessions.ts'
import { usersRoutes } from '../server/rest/users.ts'
import { buildWeb } from './build-web.ts'
import type { Context } from './context.ts'
import { demoDoor } from './demo/demo-door.ts'
import { fetchGuard } from './fetch-guard.ts'
import { graphqlOf } from './graphql.ts'

/** The HTTP tier of this process: every route of the contract, and the pages. */
export async function openHttpApi(context: Context): Promise<Hono<ApiEnv>> {
  const deps = apiDeps(context)
  const site = new Hono<ApiEnv>()
    .route('/', graphqlOf(context, deps).http)
    .route('/', demoDoor(context.config))
    .route('/', pages(await buildWeb()))
  return createApi(deps, apiRoutes(deps), site)
}

/** What a front without the API answers over HTTP: GraphQL with its streams, and the probes. */
export function openLiveApi(context: Context): Hono<ApiEnv> {
  const deps = apiDeps(context)
  return createApi(deps, [], graphqlOf(context, deps).http)
}

export type HttpDeps = ReturnType<typeof apiDeps>

export function apiDeps(context: Context) {
  const { trustedProxies, production, corsOrigins, metricsToken } = context.config
  const settings = { trustedProxies, production, corsOrigins, metricsToken }
  const publicUrl = context.config.publicUrl ?? `http://localhost:${context.config.port}`
  const guard = fetchGuard(context.config)
  return { ...context, ...settings, publicUrl, guard, authenticate: context.identity.authenticate }
}

export function apiRoutes(deps: HttpDeps): Route[] {
  return [
    ...authRoutes(deps),
    ...sessionsRoutes(deps),
    ...devicesRoutes(deps),
    ...usersRoutes(deps),
    // Fixed paths before `/rooms/:id`.
    ...roomBookingsRoutes(deps),
    ...roomsRoutes(deps),
    ...roomStateRoutes(deps),
    ...occupancyRoutes(deps),
    ...floorsRoutes(deps),
    ...placesRoutes(deps),
    ...meetingsRoutes(deps),
    ...calendarsRoutes(deps),
    ...auditRoutes(deps),
    ...jobsRoutes(deps),
    ...notificationsRoutes(deps),
  ]
}
