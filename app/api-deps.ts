import type { Context } from './context.ts'
import { fetchGuard } from './fetch-guard.ts'

export type HttpDeps = ReturnType<typeof apiDeps>

/** What the HTTP tier of this process is given. */
export function apiDeps(context: Context) {
  const { trustedProxies, production, corsOrigins, metricsToken } = context.config
  const settings = { trustedProxies, production, corsOrigins, metricsToken }
  const publicUrl = context.config.publicUrl ?? `http://localhost:${context.config.port}`
  const guard = fetchGuard(context.config)
  return { ...context, ...settings, publicUrl, guard, authenticate: context.identity.authenticate }
}
