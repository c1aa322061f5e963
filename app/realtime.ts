import type { Server } from 'node:http'
import type { RoleChange } from '../db/identity/revocations.ts'
import { openAvailabilityDesk } from '../realtime/availability/desk.ts'
import { followAvailability } from '../realtime/availability/feed.ts'
import { openDocsDoor } from '../realtime/docs/docs-door.ts'
import { openDoors } from '../realtime/doors.ts'
import { openGateway } from '../realtime/gateway.ts'
import { openGraphqlDoor } from '../realtime/graphql-door.ts'
import { followTopic } from '../realtime/news-feed.ts'
import { Newsroom } from '../realtime/newsroom.ts'
import { createUpgradeGuard } from '../realtime/upgrade-guard.ts'
import { apiDeps } from './api-deps.ts'
import type { Context } from './context.ts'
import { graphqlOf } from './graphql.ts'
import { holdCommands } from './hold-commands.ts'
import { roomCommands } from './room-commands.ts'
import { topicSources } from './topic-sources.ts'

/** The live tier of this process: its part of the news, and a door for each kind of client. */
export async function openRealtime(context: Context, server: Server): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const base = {
    ...context,
    authenticate: context.identity.authenticate,
    onRevoked: (listener: (sessionId: string) => void) => context.identity.revocations.onRevoked(listener),
    onRoleChanged: (listener: (change: RoleChange) => void) => context.identity.revocations.onRoleChanged(listener),
    topicSources,
    rooms: roomCommands(context),
    holds: holdCommands(context),
  }
  const newsroom = opened.use(new Newsroom(base))
  const deps = { ...base, availability: opened.use(openAvailabilityDesk(base, newsroom)) }
  const gateway = opened.use(await openGateway(deps, newsroom))
  const docs = opened.use(openDocsDoor(deps, newsroom))
  const graphql = graphqlOf(context, apiDeps(context))
  graphql.follow = (actor, watch) => followTopic(newsroom, context, actor, watch)
  graphql.standing = (actor, query, signal) => followAvailability(deps.availability, context, actor, query, signal)
  const graphqlDoor = opened.use(openGraphqlDoor({ ...deps, ...graphql.socket }))
  const { corsOrigins, publicUrl, trustedProxies, rateLimits } = context.config
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).origin]
  const guard = createUpgradeGuard({ origins: [...corsOrigins, ...own], trustedProxies, limited: rateLimits })
  openDoors(server, [gateway, docs, graphqlDoor], guard)
  return opened.move()
}
