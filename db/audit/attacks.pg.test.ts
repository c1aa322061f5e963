import { randomInt } from 'node:crypto'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createRandom } from '../../app/demo/random.ts'
import { openTestDatabase } from '../../testkit/database.ts'
import { sealRowsOnce } from './seal-rows.ts'
import { type Verdict, verifyChain } from './verify.ts'

const CHAINS = 1_000
const ROWS = 6
const LANES = 8

/**
 * One change of one row, in place or gone, as the owner of the store: `$1` is the organisation, `$2` the link it is about.
 * Column `xid` is not attacked: it says nothing of what happened.
 */
const ROW = `organization_id = $1 AND id = (SELECT audit_id FROM audit_seal WHERE organization_id = $1 AND seq = $2)`
const SEAL = 'organization_id = $1 AND seq = $2'
const HEAD = 'organization_id = $1 AND $2::integer > 0'
const ATTACKS = [
  `DELETE FROM audit WHERE ${ROW}`,
  `UPDATE audit SET organization_id = gen_random_uuid() WHERE ${ROW}`,
  `UPDATE audit SET id = gen_random_uuid() WHERE ${ROW}`,
  `UPDATE audit SET at = at + interval '1 microsecond' WHERE ${ROW}`,
  `UPDATE audit SET at = at - interval '1 day' WHERE ${ROW}`,
  `UPDATE audit SET at = 'infinity' WHERE ${ROW}`,
  `UPDATE audit SET actor_id = subject_id WHERE ${ROW}`,
  `UPDATE audit SET on_behalf_of = subject_id WHERE ${ROW}`,
  `UPDATE audit SET session_id = NULL WHERE ${ROW}`,
  `UPDATE audit SET request_id = request_id || ' ' WHERE ${ROW}`,
  `UPDATE audit SET action = upper(action) WHERE ${ROW}`,
  `UPDATE audit SET subject_id = actor_id WHERE ${ROW}`,
  `UPDATE audit SET detail = detail - 'seats' WHERE ${ROW}`,
  `UPDATE audit SET detail = detail || '{"seats": 9007199254740992}' WHERE ${ROW}`,
  `UPDATE audit SET detail = detail || '{"more": null}' WHERE ${ROW}`,
  `DELETE FROM audit_seal WHERE ${SEAL}`,
  `UPDATE audit_seal SET organization_id = gen_random_uuid() WHERE ${SEAL}`,
  `UPDATE audit_seal SET seq = seq + 1000 WHERE ${SEAL}`,
  `UPDATE audit_seal SET seq = -seq WHERE ${SEAL}`,
  `UPDATE audit_seal SET audit_id = gen_random_uuid() WHERE ${SEAL}`,
  `UPDATE audit_seal SET at = at + interval '1 microsecond' WHERE ${SEAL}`,
  `UPDATE audit_seal SET prev = set_byte(prev, 31, get_byte(prev, 31) # 1) WHERE ${SEAL}`,
  `UPDATE audit_seal SET hash = set_byte(hash, 0, get_byte(hash, 0) # 128) WHERE ${SEAL}`,
  `UPDATE audit_seal SET hash = hash || '\\x00' WHERE ${SEAL}`,
  `DELETE FROM audit_head WHERE ${HEAD}`,
  `UPDATE audit_head SET seq = seq + 1 WHERE ${HEAD}`,
  `UPDATE audit_head SET seq = seq - 1 WHERE ${HEAD}`,
  `UPDATE audit_head SET hash = set_byte(hash, 7, get_byte(hash, 7) # 1) WHERE ${HEAD}`,
]

test(`${CHAINS} random attacks on single rows are ${CHAINS} detected, before and after more is written`, async () => {
  await using database = await openTestDatabase()
  await using stack = new AsyncDisposableStack()
  const owner = new pg.Client(database.url)
  await owner.connect()
  stack.defer(() => owner.end())
  const seed = randomInt(2 ** 31)
  const random = createRandom(String(seed))
  await writeAll(owner)
  await sealAll(database.relay)
  const { rows: chains } = await owner.query<{ id: string }>('SELECT DISTINCT organization_id AS id FROM audit')
  expect(chains).toHaveLength(CHAINS)

  const attacks = chains.map(({ id }) => ({ id, sql: random.pick(ATTACKS), seq: random.between(1, ROWS) }))
  const clean = await verdictsOf(attacks.slice(0, 20))
  expect(clean.every((verdict) => verdict.ok && verdict.checked === ROWS)).toBe(true)
  await owner.query('BEGIN')
  for (const { id, sql, seq } of attacks) {
    expect((await owner.query(sql, [id, seq])).rowCount, sql).toBe(1)
  }
  await owner.query('COMMIT')
  expect(await undetected(), `seed ${seed}`).toEqual([])

  // A head alone is put right by the next row; what it speaks of was whole all the time.
  await writeAll(owner)
  await sealAll(database.relay)
  const onRecords = attacks.filter(({ sql }) => !sql.includes('audit_head')).slice(0, 200)
  expect(await undetected(onRecords), `seed ${seed}`).toEqual([])

  async function undetected(among = attacks) {
    const verdicts = await verdictsOf(among)
    return among.filter((_, i) => verdicts[i]?.ok !== false)
  }

  /** A few at a time: more would only wait for a connection, and not for ever. */
  async function verdictsOf(among: readonly { id: string }[]) {
    const verdicts: Verdict[] = []
    for (let i = 0; i < among.length; i += LANES) {
      const some = among.slice(i, i + LANES).map(({ id }) => verifyChain(database.app, id, { after: 0 }))
      verdicts.push(...(await Promise.all(some)))
    }
    return verdicts
  }
})

/** So many rows for each organisation, spread over the months that have partitions and one that has none. */
async function writeAll(owner: pg.Client): Promise<void> {
  await owner.query(
    `INSERT INTO audit (organization_id, id, at, actor_id, session_id, request_id, action, subject_id, detail)
     SELECT md5('organization ' || o)::uuid, gen_random_uuid(), now() + (r - 2) * interval '15 days', gen_random_uuid(),
            gen_random_uuid(), 'request', 'room.update', gen_random_uuid(), jsonb_build_object('seats', 9007199254740993)
     FROM generate_series(1, $1::integer) AS o, generate_series(1, $2::integer) AS r`,
    [CHAINS, ROWS],
  )
}

async function sealAll(relay: pg.Pool): Promise<void> {
  while ((await sealRowsOnce(relay))?.count !== 0);
}
