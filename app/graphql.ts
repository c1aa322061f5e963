import type { Hono } from 'hono'
import type { ApiEnv } from '../server/api-env.ts'
import type { FollowAvailability, FollowTopic, GraphDeps } from '../server/graphql/deps.ts'
import { type GraphServer, createGraphServer } from '../server/graphql/graph-server.ts'
import { graphqlHttp } from '../server/graphql/http.ts'
import { LiveSessions } from '../server/graphql/live-sessions.ts'
import type { Context } from './context.ts'

/** GraphQL of one process, for each of its doors: HTTP on every front, sockets and news where the live tier is. */
export interface Graphql extends Pick<GraphServer, 'socket'> {
  http: Hono<ApiEnv>
  /** Streams over HTTP. Disposing ends them. */
  sessions: LiveSessions
  /** Set by the live tier when it is there. */
  follow: FollowTopic | undefined
  standing: FollowAvailability | undefined
}

const made = new WeakMap<Context, Graphql>()

/** One per process, made when first asked for. */
export function graphqlOf(context: Context, deps: Omit<GraphDeps, 'follow' | 'standing'>): Graphql {
  const known = made.get(context)
  if (known !== undefined) return known
  const { authenticate, revocations } = context.identity
  const { yoga, socket } = createGraphServer({
    ...deps,
    follow: () => graphql.follow,
    standing: () => graphql.standing,
  })
  const sessions = new LiveSessions({
    onRevoked: (listener) => revocations.onRevoked(listener),
    onRoleChanged: (listener) => revocations.onRoleChanged(listener),
  })
  const http = graphqlHttp({ pool: deps.pool, authenticate, yoga, sessions })
  const graphql: Graphql = { socket, sessions, http, follow: undefined, standing: undefined }
  made.set(context, graphql)
  return graphql
}
