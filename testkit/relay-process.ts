import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { openPool } from '../db/pool.ts'
import { instant } from '../domain/time/instant.ts'
import { openRelay } from '../jobs/relay.ts'

// A relay in a process of its own, for tests that kill it: `relay-process.ts <database url> <redis url>`.
const [databaseUrl, redisUrl] = process.argv.slice(2) as [string, string]

openRelay({
  databaseUrl,
  redisUrl,
  pool: openPool({ url: databaseUrl, role: 'convoke_relay', max: 2, onError: () => {} }),
  log: pino({ level: 'silent' }),
  metrics: new Registry(),
  now: () => instant(Date.now()),
  newId: randomUUID,
})
