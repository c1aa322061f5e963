import { Hono } from 'hono'
import type { ApiEnv } from '../../server/api-env.ts'
import type { Config } from '../config.ts'
import { DEMO_PASSWORD, demoLogins, demoRacers } from './demo-people.ts'

/**
 * `GET /demo`: `{ demo: null }`, or who one may be in the demo: the logins of the banner, and others who book. The tour asks it.
 */
export function demoDoor({ demo }: Pick<Config, 'demo'>): Hono<ApiEnv> {
  const entry = demo ? { password: DEMO_PASSWORD, logins: demoLogins(), racers: demoRacers() } : null
  return new Hono<ApiEnv>().get('/demo', (c) => {
    c.set('route', '/demo')
    c.header('cache-control', 'no-store')
    return c.json({ demo: entry })
  })
}
