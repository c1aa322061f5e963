import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { TestNetwork, type TestNode } from '../network.ts'
import { type Judge, openJudge } from './judge.ts'
import { type Answer, type Office, expectStatus, foundOffice, loggedErrors, span } from './office.ts'
import { type PrivatePostgres, openPrivatePostgres } from './private-postgres.ts'
import { Storm } from './storm.ts'
import { Watchers, summary } from './watchers.ts'

/** In which a caller must hear of a dead store. */
const TOLD_WITHIN_MS = 3_000

let postgres: PrivatePostgres
let network: TestNetwork
let office: Office
let judge: Judge

beforeAll(async () => {
  postgres = await openPrivatePostgres()
  network = await TestNetwork.open({ api: 2, realtime: 2, worker: 1, database: postgres })
  office = await foundOffice(network, { people: 6, rooms: 4 })
  judge = openJudge(network)
})
afterAll(async () => {
  await postgres?.thaw()
  await judge?.[Symbol.asyncDispose]()
  await network?.[Symbol.asyncDispose]()
})

describe('Bad days', () => {
  test('a frozen PostgreSQL: every caller hears 503 with Retry-After in under 3 s, and is served again when it thaws', async () => {
    const [room] = office.rooms
    await postgres.freeze()
    const answers: Answer[] = []
    try {
      // More callers than there are connections, each twice: some hang on one, some wait for one, some have to open one.
      await Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          answers.push(await ask(i))
          answers.push(await ask(i))
        }),
      )
      const ready = await Promise.all(network.nodes.map((at) => office.call('GET', '/health/ready', { at })))
      expect(ready.map(({ status, body }) => [status, body.status])).toEqual(ready.map(() => [503, 'unavailable']))
      answers.push(...ready)
    } finally {
      await postgres.thaw()
    }
    const slowest = Math.max(...answers.map(({ ms }) => ms))
    console.log(`frozen: the slowest of ${answers.length} answers after ${Math.round(slowest)} ms`)
    expect(answers.filter(({ status }) => status !== 503).map(({ text }) => text)).toEqual([])
    const asked = answers.slice(0, 60)
    expect(asked.filter(({ headers }) => !(Number(headers.get('retry-after')) >= 1))).toEqual([])
    expect(new Set(asked.map(({ body }) => body.code))).toEqual(new Set(['unavailable']))
    expect(slowest).toBeLessThan(TOLD_WITHIN_MS)
    await eventually(async () => {
      const again = await office.call('POST', `/rooms/${room}/book`, {
        body: { title: 'after', ...span(office.at(40)) },
      })
      return again.status === 201 || again.status === 409 ? undefined : `${again.status} ${again.text}`
    })
    // A 503 said that nothing was written.
    expect(await judge.query(`SELECT title FROM meeting WHERE title LIKE 'frozen%'`)).toEqual([])
    expect(await judge.faults()).toEqual([])
  })

  test('PostgreSQL is killed under writers: nothing acknowledged is lost, and everybody goes on without a restart', async () => {
    const seed = randomBytes(4).toString('hex')
    const watchers = new Watchers(office)
    for (const person of office.people) {
      await watchers.join(person, [...office.rooms.map((id) => `room:${id}`), `person:${person.id}`])
    }
    const storm = new Storm(office, { seed, writers: 6 })
    await storm.goesOn(80)
    await postgres.kill()
    const killedAt = performance.now()
    const before = storm.answers.length
    await eventually(async () => (storm.answers.length < before + 12 ? 'the writers have not noticed yet' : undefined))
    await postgres.start()
    await eventually(async () => {
      const [answer] = storm.answers.slice(-1)
      return answer!.status < 500 ? undefined : `still ${answer!.status}`
    })
    console.log(`killed: back after ${Math.round(performance.now() - killedAt)} ms`)
    await storm.goesOn(80)
    await storm.stop()
    await network.settle(...watchers.clients)

    console.log(`seed ${seed}:`, storm.counts(), summary(watchers.delays()))
    expect(storm.faults).toEqual([])
    expect(storm.answers.filter(({ status }) => status === 503).length).toBeGreaterThan(0)
    expect(storm.answers.filter(({ ms }) => ms > TOLD_WITHIN_MS)).toEqual([])
    expect(await storm.disagreements(judge)).toEqual([])
    expect(await judge.faults()).toEqual([])
    const other = (id: string | undefined) => network.node(id === 'realtime-1' ? 'realtime-2' : 'realtime-1')
    expect(await watchers.faults(judge, ({ client }) => other(client.nodes.at(-1)))).toEqual([])
    expect(await loggedErrors(network)).toEqual([])
  })

  test('a realtime node that is told to stop says bye 1012 first, and its sockets come back elsewhere without a gap', async () => {
    const watchers = new Watchers(office)
    const topics = office.rooms.map((id) => `room:${id}`)
    for (const person of [...office.people, ...office.people]) await watchers.join(person, topics)
    const storm = new Storm(office, { seed: 'bye', writers: 3 })
    await storm.goesOn(20)
    const leaving = network.node('realtime-1')
    const there = watchers.clients.filter((client) => client.nodes[0] === leaving.id)
    expect(there.length).toBeGreaterThan(0)
    const stopping = performance.now()
    expect(await leaving.stop()).toBe(0)
    console.log(`stopped after ${Math.round(performance.now() - stopping)} ms with ${there.length} sockets`)
    await storm.goesOn(20)
    await storm.stop()
    await network.settle(...watchers.clients)
    await leaving.start()
    for (const client of watchers.clients) {
      const left = there.includes(client)
      expect(client.byes.map(({ code }) => code)).toEqual(left ? [1012] : [])
      expect(client.disconnects).toEqual(left ? ['transport close'] : [])
      expect(client.nodes.at(-1)).toBe('realtime-2')
    }
    expect(await watchers.faults(judge, () => leaving)).toEqual([])
  })

  test('an api node that is told to stop finishes the request it is answering, and takes no other', async () => {
    const leaving = network.node('api-2')
    const body = { title: 'held up', ...span(office.at(0, 5)), roomIds: [] }
    const path = expectStatus(await office.call('POST', '/meetings', { body }), 201).headers.get('location')!
    const owner = new pg.Client({ connectionString: postgres.url })
    await owner.connect()
    await owner.query('BEGIN')
    await owner.query(`SELECT FROM meeting WHERE title = 'held up' FOR UPDATE`)
    const change = { description: 'to the end', version: 1 }
    const pending = office.call('PUT', path, { body: change, at: leaving })
    await eventually(async () => {
      const waiting = await judge.query('SELECT FROM pg_locks WHERE NOT granted')
      return waiting.length > 0 ? undefined : 'the request has not reached the store'
    })
    const stopped = leaving.stop()
    await eventually(async () => {
      const late = await office.call('GET', '/health/live', { at: leaving, headers: { connection: 'close' } })
      return late.status === 0 ? undefined : 'it still takes requests'
    })
    await owner.query('ROLLBACK')
    await owner.end()
    expect(expectStatus(await pending, 200).body.description).toBe('to the end')
    expect(await stopped).toBe(0)
    await leaving.start()
  })
})

/** One of many things a client may want; all of them need the store. */
function ask(i: number): Promise<Answer> {
  const at = network.of('api')[i % 2] as TestNode
  const as = office.people[i % office.people.length]!
  const [room] = office.rooms
  const body = { title: `frozen ${i}`, ...span(office.at(i)), roomIds: [room] }
  if (i % 3 === 0) return office.call('POST', '/meetings', { body, at, as })
  if (i % 3 === 1) return office.call('GET', `/rooms/${room}/schedule`, { at, as })
  return office.call('POST', '/meetings', { body, at, as, headers: { 'idempotency-key': `frozen ${i}` } })
}
