import { Hono } from 'hono'
import type { ApiEnv } from '../server/api-env.ts'
import { createApi } from '../server/api.ts'
import { pages } from '../server/pages.ts'
import { auditRoutes } from '../server/rest/audit.ts'
import { authRoutes } from '../server/rest/auth.ts'
import { availabilityRoutes } from '../server/rest/availability.ts'
import { calendarsRoutes } from '../server/rest/calendars.ts'
import { devicesRoutes } from '../server/rest/devices.ts'
import { floorsRoutes } from '../server/rest/floors.ts'
import { holidaysRoutes } from '../server/rest/holidays.ts'
import { holdsRoutes } from '../server/rest/holds.ts'
import { jobsRoutes } from '../server/rest/jobs.ts'
import { meetingAnswersRoutes } from '../server/rest/meeting-answers.ts'
import { meetingsRoutes } from '../server/rest/meetings.ts'
import { notificationsRoutes } from '../server/rest/notifications.ts'
import { occupancyRoutes } from '../server/rest/occupancy.ts'
import { placesRoutes } from '../server/rest/places.ts'
import { plansRoutes } from '../server/rest/plans.ts'
import { roomBookingsRoutes } from '../server/rest/room-bookings.ts'
import { roomStateRoutes } from '../server/rest/room-state.ts'
import { roomsRoutes } from '../server/rest/rooms.ts'
import type { Route } from '../server/rest/route.ts'
import { sessionsRoutes } from '../server/rest/sessions.ts'
import { suggestionsRoutes } from '../server/rest/suggestions.ts'
import { userTimeRoutes } from '../server/rest/user-time.ts'
import { usersRoutes } from '../server/rest/users.ts'
import { buildWeb } from './build-web.ts'
import { type HttpDeps, apiDeps } from './api-deps.ts'
import type { Context } from './context.ts'
import { demoDoor } from './demo/demo-door.ts'
import { graphqlOf } from './graphql.ts'
import type { HttpApp } from './http-app.ts'

/** The HTTP tier of this process: every route of the contract, and the pages. */
export async function openHttpApi(context: Context): Promise<HttpApp> {
  const deps = apiDeps(context)
  const { http, sessions } = graphqlOf(context, deps)
  const site = new Hono<ApiEnv>()
    .route('/', http)
    .route('/', demoDoor(context.config))
    .route('/', pages(await buildWeb()))
  return { app: createApi(deps, apiRoutes(deps), site), endStreams: () => sessions[Symbol.dispose]() }
}

export function apiRoutes(deps: HttpDeps): Route[] {
  return [
    ...authRoutes(deps),
    ...sessionsRoutes(deps),
    ...devicesRoutes(deps),
    ...usersRoutes(deps),
    ...userTimeRoutes(deps),
    ...holidaysRoutes(deps),
    // Fixed paths before `/rooms/:id`.
    ...roomBookingsRoutes(deps),
    ...roomsRoutes(deps),
    ...roomStateRoutes(deps),
    ...occupancyRoutes(deps),
    ...floorsRoutes(deps),
    ...placesRoutes(deps),
    ...plansRoutes(deps),
    ...meetingsRoutes(deps),
    ...meetingAnswersRoutes(deps),
    ...holdsRoutes(deps),
    ...calendarsRoutes(deps),
    ...availabilityRoutes(deps),
    ...suggestionsRoutes(deps),
    ...auditRoutes(deps),
    ...jobsRoutes(deps),
    ...notificationsRoutes(deps),
  ]
}
