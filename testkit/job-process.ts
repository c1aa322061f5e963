import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { openPool } from '../db/pool.ts'
import { instant } from '../domain/time/instant.ts'
import { openJobs } from '../jobs/open-jobs.ts'

// A worker in a process of its own, for tests that kill it: `job-process.ts <database url> <redis url> <lease ms>`. Its one
// job notes in `turn_log` that it began and waits for ever.
const [databaseUrl, redisUrl, leaseMs] = process.argv.slice(2) as [string, string, string]
const notes = new pg.Pool({ connectionString: databaseUrl, max: 1 })

openJobs({
  relayPool: openPool({ url: databaseUrl, role: 'convoke_relay', max: 3, onError: () => {} }),
  redisUrl,
  leaseMs: Number(leaseMs),
  jobs: [
    {
      kind: 'endless',
      run: async ({ subject }) => {
        await notes.query('INSERT INTO turn_log (subject, pid) VALUES ($1, $2)', [subject, process.pid])
        return new Promise(() => {})
      },
    },
  ],
  log: pino({ level: 'silent' }),
  metrics: new Registry(),
  now: () => instant(Date.now()),
  newId: randomUUID,
})
