import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ChainPoint } from '../../domain/audit/chain.ts'
import { ok } from '../../domain/result.ts'
import { instant } from '../../domain/time/instant.ts'
import { type TestDatabase, openTestDatabase } from '../../testkit/database.ts'
import { record } from '../outbox.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { isUnavailable } from '../pool.ts'
import { sealRowsOnce } from './seal-rows.ts'
import { verifyChain } from './verify.ts'

let database: TestDatabase
/** Bypasses every wall, as somebody who got hold of the store would. */
let owner: pg.Pool
let organizationId: string
beforeAll(async () => {
  database = await openTestDatabase()
  owner = new pg.Pool({ connectionString: database.url, max: 2 })
  owner.on('error', () => {})
})
beforeEach(() => {
  organizationId = randomUUID()
})
afterAll(async () => {
  await owner.end()
  await database[Symbol.asyncDispose]()
})

async function write(count = 1, within: (tx: OrganizationTx) => Promise<void> = async () => {}): Promise<void> {
  const now = instant(Date.now())
  await transact(database.app, { organizationId, userId: randomUUID() }, { now, onNews: () => {} }, async (tx) => {
    for (let i = 0; i < count; i++) {
      await record(tx, {
        actor: { userId: randomUUID(), sessionId: randomUUID(), requestId: randomUUID() },
        now,
        id: randomUUID(),
        events: [],
        audit: { action: 'room.update', subjectId: randomUUID(), detail: { before: 1, after: [2.5, 'ä'] } },
      })
    }
    await within(tx)
    return ok(undefined)
  })
}

async function sealOften(onError?: (error: Error) => void): Promise<void> {
  for (let i = 0; i < 25; i++) await sealRowsOnce(database.relay).catch(onError)
}

async function writeOften(): Promise<void> {
  for (let i = 0; i < 25; i++) await write(2)
}

/** As the sealer's loop does: on a connection that died it is tried again. */
async function sealAll(): Promise<void> {
  const lost = (error: unknown) => {
    if (!isUnavailable(error)) throw error
    return undefined
  }
  while ((await sealRowsOnce(database.relay).catch(lost))?.count !== 0);
}

const verify = (anchor?: ChainPoint, after = 0) => verifyChain(database.app, organizationId, { after, anchor })
const tamper = (sql: string, ...values: unknown[]) => owner.query(sql, [organizationId, ...values])

describe('the sealer', () => {
  test('puts every committed row on its chain, once, and the chain holds', async () => {
    await write(3)
    expect(await verify()).toMatchObject({ ok: true, checked: 0, unsealed: 3, head: null, sealedUntil: null })
    await sealAll()
    await write(2)
    await sealAll()
    const verdict = await verify()
    expect(verdict).toMatchObject({ ok: true, checked: 5, verifiedUntil: 5, complete: true, unsealed: 0 })
    expect(verdict.head?.seq).toBe(5)
    expect(await verify(undefined, 3)).toMatchObject({ ok: true, checked: 2, complete: true })
  })

  test('finds a row that commits after younger ones were sealed', async () => {
    const late = Promise.withResolvers<void>()
    const written = Promise.withResolvers<void>()
    const slow = write(1, async () => {
      written.resolve()
      await late.promise
    })
    await written.promise
    await write(2)
    await sealAll()
    late.resolve()
    await slow
    await sealAll()
    expect(await verify()).toMatchObject({ ok: true, checked: 3, unsealed: 0 })
  })

  test('of two at a time one works and the other stands by, and neither forks the chain', async () => {
    await Promise.all([sealOften(), sealOften(), writeOften()])
    await sealAll()
    expect(await verify()).toMatchObject({ ok: true, checked: 50, unsealed: 0 })
  })

  test('that dies at any point leaves nothing half done', async () => {
    const kill = async () => {
      for (let i = 0; i < 25; i++) {
        await owner.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'convoke_relay' AND state <> 'idle'`,
        )
      }
    }
    const mortal = () => sealOften((error: Error) => expect(isUnavailable(error), error.message).toBe(true))
    await Promise.all([mortal(), mortal(), writeOften(), kill()])
    await sealAll()
    expect(await verify()).toMatchObject({ ok: true, checked: 50, unsealed: 0 })
  })

  test('of a store that was copied to another cluster, where transactions begin anew, leaves nothing out', async () => {
    await write()
    await sealAll()
    await owner.query(`UPDATE audit_sealer SET settled = '4000000000000'`)
    await write()
    await sealAll()
    expect(await verify()).toMatchObject({ ok: true, checked: 2, unsealed: 0 })
  })
})

describe('whoever got hold of the store', () => {
  beforeEach(async () => {
    await write(8)
    await sealAll()
  })

  test('cannot edit a row', async () => {
    await tamper(`UPDATE audit SET detail = '{}' FROM audit_seal s WHERE audit.id = s.audit_id AND s.seq = 3
                  AND audit.organization_id = $1 AND s.organization_id = $1`)
    expect((await verify()).firstProblem).toEqual({ seq: 3, kind: 'edited' })
  })

  test('cannot delete a row, with its seal or without', async () => {
    await tamper(
      `DELETE FROM audit USING audit_seal s WHERE audit.id = s.audit_id AND s.seq = 4 AND s.organization_id = $1`,
    )
    expect((await verify()).firstProblem).toEqual({ seq: 4, kind: 'deleted' })
    await tamper('DELETE FROM audit_seal WHERE organization_id = $1 AND seq = 4')
    expect((await verify()).firstProblem).toEqual({ seq: 4, kind: 'deleted' })
  })

  test('cannot change the order', async () => {
    await tamper('UPDATE audit_seal SET seq = seq + 100 WHERE organization_id = $1 AND seq IN (2, 6)')
    await tamper('UPDATE audit_seal SET seq = 108 - seq WHERE organization_id = $1 AND seq > 100')
    expect((await verify()).firstProblem).toEqual({ seq: 2, kind: 'reordered' })
  })

  test('cannot cut the end off, also when more is written after it', async () => {
    await tamper(
      `DELETE FROM audit USING audit_seal s WHERE audit.id = s.audit_id AND s.seq > 5 AND s.organization_id = $1`,
    )
    await tamper('DELETE FROM audit_seal WHERE organization_id = $1 AND seq > 5')
    expect((await verify()).firstProblem).toEqual({ seq: 6, kind: 'truncated' })
    await write()
    await sealAll()
    expect((await verify()).firstProblem).toEqual({ seq: 6, kind: 'deleted' })
  })

  test('can make all of it anew, and is told by a head kept outside', async () => {
    const { head } = await verify()
    await tamper(`UPDATE audit SET action = 'nothing' WHERE organization_id = $1`)
    await tamper('DELETE FROM audit_seal WHERE organization_id = $1')
    await tamper('DELETE FROM audit_head WHERE organization_id = $1')
    await owner.query(`UPDATE audit_sealer SET settled = '0'`)
    await sealAll()
    expect(await verify()).toMatchObject({ ok: true, checked: 8 })
    expect((await verify(head!)).firstProblem).toEqual({ seq: 8, kind: 'rewritten' })
    expect((await verify({ ...head!, seq: 9 })).firstProblem).toEqual({ seq: 9, kind: 'truncated' })
  })
})

test.each([
  `UPDATE audit SET action = 'other'`,
  'DELETE FROM audit',
  'UPDATE audit_seal SET seq = seq + 1',
  'DELETE FROM audit_seal',
  `INSERT INTO audit_head VALUES ('00000000-0000-0000-0000-000000000000', 1, '')`,
  'UPDATE audit_head SET seq = 0',
  `UPDATE audit_sealer SET settled = '0'`,
])('the role that serves cannot %s', async (sql) => {
  const attempt = transact(
    database.app,
    { organizationId, userId: randomUUID() },
    { now: instant(0), onNews: () => {} },
    async (tx) => ok(await tx.query('attempt', sql, [])),
  )
  await expect(attempt).rejects.toThrow('permission denied')
})
