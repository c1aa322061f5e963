import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewsRow } from '../db/news-log.ts'
import { record } from '../db/outbox.ts'
import { transact } from '../db/transaction.ts'
import type { Topic } from '../domain/news.ts'
import { ok } from '../domain/result.ts'
import { type JobsRig, openJobsRig } from '../testkit/jobs-rig.ts'
import { deliverNews } from '../testkit/mail-rig.ts'
import type { Job } from './job.ts'

let rig: JobsRig
beforeAll(async () => {
  rig = await openJobsRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

async function write(topics: readonly Topic[]): Promise<void> {
  const nobody = randomUUID()
  const scope = { organizationId: rig.organizationId, userId: nobody }
  await transact(rig.database.app, scope, { now: rig.clock.now, onNews: () => {} }, async (tx) => {
    await record(tx, {
      actor: { userId: nobody, sessionId: nobody, requestId: 'test' },
      now: rig.clock.now,
      id: randomUUID(),
      events: topics.map((topic) => ({ topic, type: 'room.booked', data: {} })),
      audit: { action: 'test', subjectId: nobody },
    })
    return ok(undefined)
  })
}

/** Takes every event of rooms as a subject of its own. */
function collector(kind: string, seen: string[], wakenBy?: Job['wakenBy']): Job {
  return {
    kind,
    run: async ({ subject }) => {
      seen.push(subject)
      return undefined
    },
    wakenBy: wakenBy ?? (({ topic, seq }, now) => [{ subject: `${topic} ${seq}`, dueAt: now }]),
  }
}

test('every committed event is asked about, by two planners and across a restart, also when one job breaks at it', async () => {
  const seen: string[] = []
  const kind = `test-${randomUUID()}`
  const broken = collector(`broken-${randomUUID()}`, [], (news: NewsRow) => {
    throw new Error(`cannot read ${news.type}`)
  })
  const topics = Array.from({ length: 20 }, (): Topic => `room:${randomUUID()}`)
  const workers = () => [rig.worker([broken, collector(kind, seen)]), rig.worker([broken, collector(kind, seen)])]
  {
    await using stack = new AsyncDisposableStack()
    const [first, second] = workers().map((worker) => stack.use(worker))
    await Promise.all([first?.settle(), second?.settle()])
    for (let i = 0; i < 15; i++) {
      await write(topics)
      if (i % 4 === 0) await deliverNews(rig.database.relay)
    }
    await deliverNews(rig.database.relay)
    await Promise.all([first?.settle(), second?.settle()])
  }
  // Nobody plans now; what is delivered meanwhile is not lost.
  for (let i = 0; i < 15; i++) await write(topics)
  await deliverNews(rig.database.relay)
  await using stack = new AsyncDisposableStack()
  for (const worker of workers().map((one) => stack.use(one))) await worker.settle()
  await expect.poll(() => rig.rows(kind), { timeout: 5_000 }).toEqual([])
  const all = topics.flatMap((topic) => Array.from({ length: 30 }, (_, i) => `${topic} ${i + 1}`))
  expect([...new Set(seen)].toSorted()).toEqual(all.toSorted())
})

test('what a sweep finds missing is put; what stands, waits after a failure, or was given up is left alone', async () => {
  const seen: string[] = []
  const kind = `test-${randomUUID()}`
  const job = collector(kind, seen, () => [])
  const missed = ['new', 'later', 'failed', 'dead'].map((subject) => {
    return { organizationId: rig.organizationId, subject, dueAt: rig.clock.now }
  })
  const insert = `INSERT INTO due (organization_id, kind, subject, due_at, attempts, dead_at) VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000), $5, $6)`
  const inAnHour = rig.clock.now + 3_600_000
  await rig.owner.query(insert, [rig.organizationId, kind, 'later', inAnHour, 0, null])
  await rig.owner.query(insert, [rig.organizationId, kind, 'failed', inAnHour, 3, null])
  await rig.owner.query(insert, [rig.organizationId, kind, 'dead', rig.clock.now, 12, new Date(rig.clock.now)])
  await using worker = rig.worker([{ ...job, sweep: async () => missed }])
  await worker.settle()
  expect([...new Set(seen)].toSorted()).toEqual(['later', 'new'])
  expect((await rig.rows(kind)).map((row) => row.subject)).toEqual(['dead', 'failed'])
})
