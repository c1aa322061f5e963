import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Claim, claimDue, endTurns, putDueEverywhere } from '../db/jobs/due-work.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant, instant, plus } from '../domain/time/instant.ts'
import { type JobsRig, openJobsRig } from '../testkit/jobs-rig.ts'
import { MAX_ATTEMPTS } from './failure.ts'
import type { Job, Turn } from './job.ts'

const wallClock = () => instant(Date.now())

let rig: JobsRig
beforeAll(async () => {
  rig = await openJobsRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

/** A job of its own kind that keeps its turns. */
function noting(run: (turn: Turn) => Promise<Instant | undefined> = async () => undefined) {
  const turns: Turn[] = []
  const job: Job & { turns: Turn[] } = {
    kind: `test-${randomUUID()}`,
    turns,
    run: (turn) => {
      turns.push(turn)
      return run(turn)
    },
  }
  return job
}

describe('due work', () => {
  test('is done when its time has come, and its row goes or moves', async () => {
    const once = noting()
    const again = noting(async ({ dueAt }) => plus(dueAt, HOUR_MS))
    await using worker = rig.worker([once, again])
    const at = plus(rig.clock.now, 2 * HOUR_MS)
    await rig.put(once.kind, 'a', at)
    await rig.put(again.kind, 'a', at)
    await worker.settle()
    expect([once.turns, again.turns]).toEqual([[], []])

    rig.clock.now = at
    await worker.settle()
    expect(once.turns).toMatchObject([
      { organizationId: rig.organizationId, subject: 'a', dueAt: at, now: at, attempt: 1 },
    ])
    expect(again.turns).toHaveLength(1)
    expect(await rig.rows(once.kind)).toEqual([])
    expect(await rig.rows(again.kind)).toMatchObject([{ due_at: new Date(at + HOUR_MS) }])
  })

  test('put anew while its turn runs is done again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const job = noting(async () => {
      if (job.turns.length === 1) await promise
      return undefined
    })
    await using worker = rig.worker([job])
    await rig.put(job.kind, 'a')
    await expect.poll(() => job.turns.length, { timeout: 5_000 }).toBe(1)
    await rig.put(job.kind, 'a')
    resolve()
    await worker.settle()
    await worker.settle()
    expect(job.turns).toHaveLength(2)
    expect(await rig.rows(job.kind)).toEqual([])
  })

  test('that fails is tried again later and later, then given up, and lives again when it is put anew', async () => {
    let isBroken = true
    const job = noting(async () => {
      if (isBroken) throw new Error('cannot reach mail://user:secret@host for olga@example.org')
      return undefined
    })
    await using worker = rig.worker([job])
    await rig.put(job.kind, 'a')
    const waits: number[] = []
    for (let i = 0; i < MAX_ATTEMPTS; i++) {
      await worker.settle()
      const [row] = await rig.rows(job.kind)
      waits.push((row?.due_at.getTime() ?? 0) - rig.clock.now)
      rig.clock.now = instant(Math.max(rig.clock.now, row?.due_at.getTime() ?? 0))
    }
    expect(job.turns.map((turn) => turn.attempt)).toEqual(Array.from({ length: MAX_ATTEMPTS }, (_, i) => i + 1))
    expect(waits[0]).toBeGreaterThan(SECOND_MS)
    expect(waits[5]).toBeGreaterThan(waits[1] as number)
    expect(Math.max(...waits)).toBeLessThan(20 * MINUTE_MS)
    const [dead] = await rig.rows(job.kind)
    expect(dead).toMatchObject({ attempts: MAX_ATTEMPTS, dead_at: new Date(rig.clock.now) })
    expect(dead?.last_error).toMatch(/^Error: cannot reach/)
    expect(dead?.last_error).not.toMatch(/secret|olga/)
    await worker.settle()
    expect(await worker.metrics.metrics()).toContain(`convoke_jobs_dead{kind="${job.kind}"} 1`)

    isBroken = false
    await rig.put(job.kind, 'a')
    await worker.settle()
    expect(await rig.rows(job.kind)).toEqual([])
  })

  test('of two workers is one turn at a time for each row, however the clock of one jumps', async () => {
    const atOnce = new Map<string, number>()
    let most = 0
    const job = noting(async ({ subject }) => {
      const running = (atOnce.get(subject) ?? 0) + 1
      atOnce.set(subject, running)
      most = Math.max(most, running)
      if (job.turns.length % 3 === 0) await rig.put(job.kind, subject)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce.set(subject, running - 1)
      return undefined
    })
    let jump = 0
    await using first = rig.worker([job])
    await using second = rig.worker([job], { now: () => plus(rig.clock.now, (jump += HOUR_MS)) })
    for (let i = 0; i < 40; i++) await rig.put(job.kind, `subject-${i % 10}`)
    await Promise.all([first.settle(), second.settle()])
    await expect.poll(() => rig.rows(job.kind)).toEqual([])
    expect(most).toBe(1)
    expect(job.turns.length).toBeGreaterThanOrEqual(10)
  })

  test('whose claim another has taken over changes nothing any more', async () => {
    const kind = `test-${randomUUID()}`
    await rig.put(kind, 'a')
    const slots = new Map([[kind, { batches: 1, together: 1 }]])
    const terms = () => ({ now: rig.clock.now, claimId: randomUUID(), leaseMs: 0, slots, limit: 1 })
    const claim = async (leaseMs: number) =>
      (await claimDue(rig.database.relay, { ...terms(), leaseMs }, false)).claims[0]
    const lapsed = (await claim(0)) as Claim
    const present = (await claim(60_000)) as Claim
    expect(await claim(0)).toBeUndefined()
    await endTurns(rig.database.relay, [{ claim: lapsed, how: 'done' }], rig.clock.now)
    expect(await rig.rows(kind)).toHaveLength(1)
    await endTurns(rig.database.relay, [{ claim: present, how: 'done' }], rig.clock.now)
    expect(await rig.rows(kind)).toEqual([])
  })

  test('of an organisation is done together, as much as a run takes; what fails together is done alone', async () => {
    const runs: string[][] = []
    const job: Job = {
      kind: `test-${randomUUID()}`,
      together: 3,
      concurrency: 1,
      async runAll({ organizationId, subjects }) {
        const whose = organizationId === rig.organizationId ? 'own' : 'other'
        runs.push(subjects.map((subject) => `${whose} ${subject}`).toSorted())
        if (subjects.includes('bad')) throw new Error('this one cannot be done')
        return new Map<string, Instant | Error>([
          ['again', plus(rig.clock.now, HOUR_MS)],
          ['refused', new Error('not today')],
        ])
      },
    }
    for (const [i, subject] of ['bad', 'again', 'good', 'refused', 'last'].entries()) {
      await rig.put(job.kind, subject, plus(rig.clock.now, i - 60_000))
    }
    await rig.put(job.kind, 'elsewhere', rig.clock.now, randomUUID())
    await using worker = rig.worker([job])
    await worker.settle()
    expect(runs.map((run) => run.join())).toEqual([
      'own again,own bad,own good',
      'own bad',
      'own again',
      'own good',
      'own last,own refused',
      'other elsewhere',
    ])
    expect(await rig.rows(job.kind)).toMatchObject([
      { subject: 'again', attempts: 0, due_at: new Date(rig.clock.now + HOUR_MS) },
      { subject: 'bad', attempts: 1, last_error: 'Error: this one cannot be done' },
      { subject: 'refused', attempts: 1, last_error: 'Error: not today' },
    ])
  })

  test('that takes too long is told to end and has failed', async () => {
    const job = noting(async ({ signal }) => {
      await once(signal, 'abort')
      throw signal.reason
    })
    await using worker = rig.worker([{ ...job, timeoutMs: 20 }])
    await rig.put(job.kind, 'a')
    await worker.settle()
    expect(await rig.rows(job.kind)).toMatchObject([
      { attempts: 1, last_error: expect.stringContaining('TimeoutError') },
    ])
  })

  test('of an organisation with a long backlog does not keep the others waiting', async () => {
    const kind = `test-${randomUUID()}`
    const [busy, quiet] = [randomUUID(), randomUUID()]
    const many = Array.from({ length: 500 }, (_, i) => ({
      organizationId: busy,
      kind,
      subject: `${i}-x`,
      dueAt: instant(rig.clock.now - HOUR_MS),
    }))
    await putDueEverywhere(rig.database.relay, many, 'always')
    await putDueEverywhere(
      rig.database.relay,
      [{ organizationId: quiet, kind, subject: 'a', dueAt: rig.clock.now }],
      'always',
    )
    const terms = () => ({
      now: rig.clock.now,
      claimId: randomUUID(),
      leaseMs: 60_000,
      slots: new Map([[kind, { batches: 2, together: 2 }]]),
      limit: 8,
    })
    const first = await claimDue(rig.database.relay, terms(), false)
    expect(first).toMatchObject({ isBacklog: true, claims: { length: 4 } })
    const next = await claimDue(rig.database.relay, terms(), first.isBacklog)
    const batches = [...Map.groupBy(next.claims, (claim) => claim.batch).values()]
    const owners = batches.map((batch) => batch.map((claim) => claim.organizationId))
    expect(owners).toHaveLength(2)
    expect(owners).toEqual(expect.arrayContaining([[busy, busy], [quiet]]))
    await rig.owner.query('DELETE FROM due WHERE kind = $1', [kind])
  })

  test('that was begun when we stop is given back as if it had not begun', async () => {
    const job = noting(async ({ signal }) => {
      await once(signal, 'abort')
      throw signal.reason
    })
    {
      await using _worker = rig.worker([job])
      await rig.put(job.kind, 'a')
      await expect.poll(() => job.turns.length, { timeout: 5_000 }).toBe(1)
    }
    const { rows } = await rig.owner.query('SELECT attempts, claimed_by FROM due WHERE kind = $1', [job.kind])
    expect(rows).toEqual([{ attempts: 0, claimed_by: null }])
    await rig.owner.query('DELETE FROM due WHERE kind = $1', [job.kind])
  })

  test('of a worker that was killed in the middle of it is taken over', async () => {
    await rig.owner.query('CREATE TABLE IF NOT EXISTS turn_log (subject text, pid integer)')
    await rig.owner.query(
      `INSERT INTO due (organization_id, kind, subject, due_at) VALUES ($1, 'endless', 'a', now())`,
      [rig.organizationId],
    )
    const begun = async () => (await rig.owner.query('SELECT pid FROM turn_log')).rows.length
    const start = () => {
      const script = join(import.meta.dirname, '../testkit/job-process.ts')
      return spawn(process.execPath, [script, rig.database.url, rig.redis.url, '400'], { stdio: 'inherit' })
    }
    const [first, second] = [start(), start()]
    try {
      await expect.poll(begun, { timeout: 10_000 }).toBe(1)
      const { rows } = await rig.owner.query<{ pid: number }>('SELECT pid FROM turn_log')
      const [victim] = [first, second].filter((child) => child.pid === rows[0]?.pid)
      expect(await begun()).toBe(1)
      victim?.kill('SIGKILL')
      await expect.poll(begun, { timeout: 10_000 }).toBe(2)
    } finally {
      for (const child of [first, second]) child.kill('SIGKILL')
      for (const child of [first, second]) if (child.signalCode === null) await once(child, 'exit')
      await rig.owner.query(`DELETE FROM due WHERE kind = 'endless'`)
    }
  })

  test('is done to the moment with Redis, also after it was flushed in mid-air, and within a look without it', async () => {
    const late: number[] = []
    const job = noting(async ({ now, dueAt }) => {
      late.push(now - dueAt)
      return undefined
    })
    await using _worker = rig.worker([job], { now: wallClock })
    await rig.put(job.kind, 'a', plus(wallClock(), 1_700))
    await expect.poll(() => late.length, { timeout: 5_000 }).toBe(1)

    await rig.put(job.kind, 'b', plus(wallClock(), 2_200))
    await expect.poll(() => rig.fed(), { timeout: 5_000 }).toBe(1)
    await rig.redis.flush()
    await expect.poll(() => late.length, { timeout: 5_000 }).toBe(2)

    await rig.redis.kill()
    await rig.put(job.kind, 'c', plus(wallClock(), 500))
    await expect.poll(() => late.length, { timeout: 5_000 }).toBe(3)
    await rig.redis.start()
    await rig.put(job.kind, 'd', plus(wallClock(), 1_700))
    await expect.poll(() => late.length, { timeout: 5_000 }).toBe(4)
    expect(late[0]).toBeLessThan(300)
    expect(Math.max(...late)).toBeLessThan(2_000)
  })
})
