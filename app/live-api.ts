import { createApi } from '../server/api.ts'
import { apiDeps } from './api-deps.ts'
import type { Context } from './context.ts'
import { graphqlOf } from './graphql.ts'
import type { HttpApp } from './http-app.ts'

/** What a front without the API answers over HTTP: GraphQL with its streams, and the probes. */
export function openLiveApi(context: Context): HttpApp {
  const deps = apiDeps(context)
  const { http, sessions } = graphqlOf(context, deps)
  return { app: createApi(deps, [], http), endStreams: () => sessions[Symbol.dispose]() }
}
