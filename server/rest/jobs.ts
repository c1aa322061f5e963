import { z } from 'zod'
import { createJobsStore } from '../../db/jobs/jobs-tx.ts'
import { type DeadJob, listDeadJobs } from '../../db/jobs/queries.ts'
import { can } from '../../domain/identity/can.ts'
import { retryJob } from '../../domain/jobs/retry-job.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { line, pageQuery } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

const name = line(200)
const cursorKey = z.tuple([z.number(), name, name])
const JOBS = { kind: 'job' } as const

const deadJobAnswer = z.object({
  kind: z.string(),
  subject: z.string(),
  attempts: z.int(),
  deadAt: z.iso.datetime(),
  error: z.string().nullable(),
})

export function jobsRoutes(deps: ApiDeps): Route[] {
  const jobs = { ...deps, ...createJobsStore(deps.pool, deps, deps.onNews) }
  return [
    route({
      method: 'GET',
      path: '/jobs/dead',
      summary: 'Background work of the organisation that was given up, oldest first',
      query: z.strictObject(pageQuery),
      answers: z.object({ items: z.array(deadJobAnswer), nextCursor: z.string().nullable() }),
      locate: async (actor) => (can(actor, 'read', JOBS) ? undefined : refuse('forbidden')),
      handle: async ({ actor, query }) => {
        if (!can(actor, 'read', JOBS)) return err(refuse('forbidden'))
        return pageAnswer(query, {
          key: cursorKey,
          keyOf: (job: DeadJob) => [job.deadAt, job.kind, job.subject],
          view: ({ deadAt, ...job }) => ({ ...job, deadAt: formatInstant(deadAt) }),
          read: (page) => listDeadJobs(deps.pool, actor.organizationId, page),
        })
      },
    }),
    route({
      method: 'POST',
      path: '/jobs/dead/:kind/:subject/retry',
      summary: 'Try work that was given up again, at once',
      params: z.strictObject({ kind: name, subject: name }),
      locate: async (actor) => (can(actor, 'update', JOBS) ? undefined : refuse('forbidden')),
      handle: async ({ actor, params }) => {
        const retried = await retryJob(jobs, actor, params)
        return retried.ok ? ok({ status: 202, body: params }) : retried
      },
    }),
  ]
}
