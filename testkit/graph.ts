import pg from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { vi } from 'vitest'
import { createApi } from '../server/api.ts'
import type { FollowAvailability, FollowTopic } from '../server/graphql/deps.ts'
import { createGraphServer } from '../server/graphql/graph-server.ts'
import { graphqlHttp } from '../server/graphql/http.ts'
import { LiveSessions } from '../server/graphql/live-sessions.ts'
import type { TestApi } from './api.ts'

/** The HTTP door of GraphQL on a test's store, without a port. */
export type TestGraph = ReturnType<typeof openTestGraph>

interface GraphOptions {
  production?: boolean
  follow?: FollowTopic
  standing?: FollowAvailability
}

export interface GraphAnswer {
  status: number
  headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  data: any
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  errors: any[] | undefined
  text: string
}

export function openTestGraph(api: TestApi, { production = false, follow, standing }: GraphOptions = {}) {
  const deps = {
    ...api.deps,
    production,
    metrics: new Registry(),
    log: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
    follow: () => follow,
    standing: () => standing,
  }
  const { revocations } = api.identity
  const sessions = new LiveSessions({
    onRevoked: (listener) => revocations.onRevoked(listener),
    onRoleChanged: (listener) => revocations.onRoleChanged(listener),
  })
  const { yoga } = createGraphServer(deps)
  const app = createApi(deps, [], graphqlHttp({ ...deps, yoga, sessions }))
  const env = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }
  const request = (init: RequestInit, search = '') => Promise.resolve(app.request(`/graphql${search}`, init, env))

  return {
    sessions,
    request,
    async send(token: string, body: unknown, headers: Record<string, string> = {}): Promise<GraphAnswer> {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }
      const answer = await request(init)
      const text = await answer.text()
      const { data, errors } = JSON.parse(text)
      return { status: answer.status, headers: answer.headers, data, errors, text }
    },
    async ask(token: string, query: string, variables: object = {}): Promise<GraphAnswer> {
      return this.send(token, { query, variables })
    },
  }
}

/** Counts what this process asks the store from here on, its own polls aside; calling the answer tells how much, and stops. */
export function countStatements(): () => number {
  const spy = vi.spyOn(pg.Client.prototype, 'query')
  return () => {
    const isPoll = ([query]: unknown[]) => (query as { name?: string } | undefined)?.name === 'revocations-poll'
    const count = spy.mock.calls.filter((call: unknown[]) => !isPoll(call)).length
    spy.mockRestore()
    return count
  }
}
