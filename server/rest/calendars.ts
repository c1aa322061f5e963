import { z } from 'zod'
import { createCalendarsStore } from '../../db/calendars/calendars-tx.ts'
import { integrationById, listFeeds, listIntegrations } from '../../db/calendars/queries.ts'
import { type CalendarSecrets, createCalendarSecrets } from '../../db/calendars/secrets.ts'
import { connectCalendar } from '../../domain/calendars/connect-calendar.ts'
import { disconnectCalendar } from '../../domain/calendars/disconnect-calendar.ts'
import type { Feed } from '../../domain/calendars/feed.ts'
import { createFeed, deleteFeed } from '../../domain/calendars/feeds.ts'
import { type Integration, healthView, integrationView } from '../../domain/calendars/integration.ts'
import type { CalendarsDeps } from '../../domain/calendars/ports.ts'
import { requestPull } from '../../domain/calendars/request-pull.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { GuardOptions, Resolve } from '../../integrations/net/address-guard.ts'
import { mayBeFetched } from '../../integrations/net/resolve-name.ts'
import type { ApiDeps } from '../deps.ts'
import { calendarEventsRoute } from './calendar-events.ts'
import { calendarFilesRoutes } from './calendar-files.ts'
import { feedAnswer, feedBody, healthAnswer, integrateBody, integrationAnswer } from './calendar-shapes.ts'
import { parseFeedAddress } from './feed-address.ts'
import { id, idParams, pageQuery } from './input.ts'
import { pageOf } from './meeting-shapes.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

export interface CalendarsRouteDeps extends ApiDeps {
  /** 32 bytes; seals the addresses of feeds. */
  applicationKey: Uint8Array
  /** What may be fetched. */
  guard: GuardOptions & { resolve: Resolve }
  /** What addresses of ours start with. */
  publicUrl: string
}

const idKey = z.tuple([z.uuid()])

export function calendarsRoutes(deps: CalendarsRouteDeps): Route[] {
  const secrets = createCalendarSecrets(deps.applicationKey)
  const calendars: CalendarsDeps = { ...deps, ...createCalendarsStore({ ...deps, secrets }) }
  return [
    route({
      method: 'POST',
      path: '/calendar/integrate',
      summary: 'Connect a calendar elsewhere; its first pull follows at once',
      body: integrateBody,
      answers: z.object({ integration: integrationAnswer }),
      locate: mayConnect,
      handle: async ({ actor, body }) => {
        const address = await feedAddress(deps, actor, body.url)
        if (!address.ok) return address
        const { href, hostname } = address.value
        const cmd = { provider: body.provider, url: href, host: hostname, name: body.name }
        const connected = await connectCalendar(calendars, actor, cmd)
        if (!connected.ok) return connected
        const integration = integrationView(connected.value, deps.now())
        return ok({ status: 201, body: { integration }, location: `/calendar/integrations/${connected.value.id}` })
      },
    }),
    route({
      method: 'GET',
      path: '/calendar/integrations',
      summary: 'The calendars you have connected',
      query: z.strictObject(pageQuery),
      answers: pageOf(integrationAnswer),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: idKey,
          keyOf: (integration: Integration) => [integration.id],
          view: (integration) => integrationView(integration, deps.now()),
          read: ({ limit, after }) =>
            listIntegrations(deps.pool, actor.organizationId, { userId: actor.userId, limit, after: after?.[0] }),
        }),
    }),
    route({
      method: 'GET',
      path: '/calendar/integrations/:id',
      summary: 'One of them',
      params: idParams,
      answers: integrationAnswer,
      handle: async ({ actor, params }) => {
        const found = await ownIntegration(deps, actor, params.id)
        return found.ok ? ok({ status: 200, body: integrationView(found.value, deps.now()) }) : found
      },
    }),
    route({
      method: 'GET',
      path: '/calendar/integrations/:id/health',
      summary: 'How fresh it is, what went wrong last, and which of its events could not be read',
      params: idParams,
      answers: healthAnswer,
      handle: async ({ actor, params }) => {
        const found = await ownIntegration(deps, actor, params.id)
        return found.ok ? ok({ status: 200, body: healthView(found.value, deps.now()) }) : found
      },
    }),
    route({
      method: 'DELETE',
      path: '/calendar/integrations/:id',
      summary: 'Disconnect a calendar; its events go with it',
      params: idParams,
      locate: async (actor, params) => refusalOf(await ownIntegration(deps, actor, params.id)),
      handle: async ({ actor, params }) => {
        const gone = await disconnectCalendar(calendars, actor, params.id)
        return gone.ok ? ok({ status: 204 }) : gone
      },
    }),
    route({
      method: 'POST',
      path: '/calendar/sync',
      summary: 'Ask for a pull now, of one calendar or of all of yours; a source is not asked twice within 30 s',
      body: z.strictObject({ integrationId: id.optional() }),
      answers: z.object({ integrations: z.array(z.object({ id: z.uuid(), nextAttemptAt: z.iso.datetime() })) }),
      handle: async ({ actor, body }) => {
        const asked = await requestPull(calendars, actor, body)
        if (!asked.ok) return asked
        const integrations = asked.value.map((pull) => ({ ...pull, nextAttemptAt: formatInstant(pull.nextAttemptAt) }))
        return ok({ status: 202, body: { integrations } })
      },
    }),
    calendarEventsRoute(deps),
    route({
      method: 'POST',
      path: '/calendar/feeds',
      summary:
        'Make a secret address under which your calendar, or the busy times of a room, can be read; shown this once',
      body: feedBody,
      answers: z.object({ ...feedAnswer.shape, url: z.string() }),
      locate: mayConnect,
      handle: async ({ actor, body }) => {
        const created = await createFeed(calendars, actor, body)
        if (!created.ok) return created
        const url = feedUrl(deps, secrets, actor, created.value)
        return ok({ status: 201, body: { ...feedView(created.value), url } })
      },
    }),
    route({
      method: 'GET',
      path: '/calendar/feeds',
      summary: 'The secret addresses you have made, without the secrets',
      query: z.strictObject(pageQuery),
      answers: pageOf(feedAnswer),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: idKey,
          keyOf: (feed: Feed) => [feed.id],
          view: feedView,
          read: ({ limit, after }) =>
            listFeeds(deps.pool, actor.organizationId, { userId: actor.userId, limit, after: after?.[0] }),
        }),
    }),
    route({
      method: 'DELETE',
      path: '/calendar/feeds/:id',
      summary: 'End a secret address',
      params: idParams,
      handle: async ({ actor, params }) => {
        const gone = await deleteFeed(calendars, actor, params.id)
        return gone.ok ? ok({ status: 204 }) : gone
      },
    }),
    ...calendarFilesRoutes(deps),
  ]
}

async function mayConnect(actor: Actor): Promise<Refusal | undefined> {
  return can(actor, 'create', { kind: 'integration', userId: actor.userId }) ? undefined : refuse('forbidden')
}

async function ownIntegration(deps: ApiDeps, actor: Actor, id: string): Promise<Result<Integration, Refusal>> {
  const found = await integrationById(deps.pool, actor.organizationId, id)
  const isSeen = found !== undefined && can(actor, 'read', { kind: 'integration', userId: found.userId })
  return isSeen ? ok(found) : err(refuse('not_found'))
}

function refusalOf(result: Result<unknown, Refusal>): Refusal | undefined {
  return result.ok ? undefined : result.error
}

async function feedAddress({ guard }: CalendarsRouteDeps, actor: Actor, text: string): Promise<Result<URL, Refusal>> {
  const forbidden = await mayConnect(actor)
  if (forbidden !== undefined) return err(forbidden)
  const url = parseFeedAddress(text)
  if (url === undefined) {
    return err(
      refuse('invalid_input', '/url must be an address.', {
        errors: [{ pointer: '/url', detail: 'must be an address' }],
      }),
    )
  }
  return (await mayBeFetched(url, guard)) ? ok(url) : err(refuse('address_refused', ADDRESS_WANTED))
}

const ADDRESS_WANTED =
  'A feed is fetched from the public Internet, by https or http on port 443, 80, 8443 or 8080, without a name or password in its address.'

function feedUrl({ publicUrl }: CalendarsRouteDeps, secrets: CalendarSecrets, actor: Actor, feed: Feed): string {
  return `${publicUrl.replace(/\/$/, '')}/calendar/feeds/${secrets.feedToken(actor.organizationId, feed.id)}.ics`
}

function feedView({ id, kind, roomId, createdAt }: Feed): object {
  return { id, kind, roomId, createdAt: formatInstant(createdAt) }
}
