import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface JobMetrics {
  turns: Counter<'kind' | 'outcome'>
  lag: Histogram
  dead: Gauge<'kind'>
}

export function jobMetrics(registry: Registry): JobMetrics {
  return {
    turns: new Counter({
      name: 'convoke_job_turns_total',
      help: 'Turns by kind of job and how they ended: done, failed, dead, lost (the claim) or returned (we stopped)',
      labelNames: ['kind', 'outcome'],
      registers: [registry],
    }),
    lag: new Histogram({
      name: 'convoke_job_lag_seconds',
      help: 'From when a turn was due until it began',
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600],
      registers: [registry],
    }),
    dead: new Gauge({
      name: 'convoke_jobs_dead',
      help: 'Work given up and waiting for a person (GET /jobs/dead)',
      labelNames: ['kind'],
      registers: [registry],
    }),
  }
}
