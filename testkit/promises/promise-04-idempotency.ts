import { once } from 'node:events'
import { connect } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, expectStatus, foundOffice, loggedErrors, span, statuses } from './office.ts'

let network: TestNetwork
let office: Office
let judge: Judge
let one: TestNode
let two: TestNode

export function idempotency(ground: () => Ground): void {
  describe('Promise 4: one effect for one key, and no lost update', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 2, rooms: 3 })
      ;[one, two] = network.of('api') as [TestNode, TestNode]
    })

    describe('same idempotency key: same answer, one effect', () => {
      test('10 parallel calls over two nodes book once and answer the same', async () => {
        const body = { title: 'once', ...span(office.at(0)), roomIds: office.rooms.slice(0, 1) }
        const answers = await tenTimes('POST', '/meetings', { body, headers: key('parallel') })
        expect(statuses(answers)).toEqual({ 201: 10 })
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
        expect(new Set(answers.map(({ headers }) => `${headers.get('location')} ${headers.get('etag')}`)).size).toBe(1)
        expect(await effects('once')).toEqual({ meetings: 1, records: 1, events: 1 })
      })

      test('10 parallel changes with one key and one version change once, and all ten hear so', async () => {
        const path = await book('changed once', 2)
        const headers = { ...key('change'), 'if-match': '"1.1"' }
        const body = { title: 'changed once', description: 'by one of ten' }
        const answers = await tenTimes('PUT', path, { body, headers })
        expect(statuses(answers)).toEqual({ 200: 10 })
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
        expect(answers[0]?.body).toMatchObject({ version: 2, description: 'by one of ten' })
        expect(await effects('changed once')).toEqual({ meetings: 1, records: 2, events: 2 })
      })

      test('10 parallel cancels with one key cancel once', async () => {
        const path = await book('cancelled once', 4)
        const answers = await tenTimes('POST', `${path}/cancel`, { body: {}, headers: key('cancel') })
        expect(statuses(answers)).toEqual({ 200: 10 })
        expect(await effects('cancelled once')).toEqual({ meetings: 1, records: 2, events: 2 })
      })

      test('the node is killed before its answer is read: the retry on another node gets that answer and no second effect', async () => {
        const body = { title: 'lost answer', ...span(office.at(6)), roomIds: office.rooms.slice(0, 1) }
        await sendAndNeverRead(one, '/meetings', body, 'lost')
        await eventually(async () =>
          (await effects('lost answer')).meetings === 1 ? undefined : 'it is not booked yet',
        )
        await one.kill()
        const [stored] = await judge.query<{ id: string }>(`SELECT id FROM meeting WHERE title = 'lost answer'`)
        const retried = await office.call('POST', '/meetings', { body, headers: key('lost'), at: two })
        expect(retried.status).toBe(201)
        expect(retried.body.meeting.id).toBe(stored?.id)
        expect(await effects('lost answer')).toEqual({ meetings: 1, records: 1, events: 1 })
        await one.start()
        const again = await office.call('POST', '/meetings', { body, headers: key('lost'), at: one })
        expect(again.text).toBe(retried.text)
      })

      test('the node is killed with calls in flight: each of them, retried, has one effect', async () => {
        const bodies = Array.from({ length: 16 }, (_, i) => {
          return { title: `flight ${i}`, ...span(office.at(2 * i, 5)), roomIds: office.rooms.slice(1, 2) }
        })
        const call = (body: (typeof bodies)[number], at: TestNode) =>
          office.call('POST', '/meetings', { body, headers: key(body.title), at })
        const first = bodies.map((body) => call(body, one))
        await eventually(async () => ((await effects('flight %')).meetings > 0 ? undefined : 'nothing is booked yet'))
        await one.kill()
        const answered = await Promise.all(first)
        const retried = await Promise.all(bodies.map((body) => call(body, two)))
        expect(statuses(retried)).toEqual({ 201: 16 })
        for (const [i, { status, text }] of answered.entries()) if (status === 201) expect(retried[i]?.text).toBe(text)
        expect(await effects('flight %')).toEqual({ meetings: 16, records: 16, events: 16 })
        await one.start()
      })

      test('another body under the same key is refused, and so is the same body under another version', async () => {
        const body = { title: 'first body', ...span(office.at(8)), roomIds: [] }
        expectStatus(await office.call('POST', '/meetings', { body, headers: key('reused'), at: one }), 201)
        const reused = await office.call('POST', '/meetings', {
          body: { ...body, title: 'x' },
          headers: key('reused'),
          at: two,
        })
        expect([reused.status, reused.body.code]).toEqual([422, 'idempotency_key_reused'])
        expect(await effects('x')).toEqual({ meetings: 0, records: 0, events: 0 })
        // Keys belong to an actor, a method and a path.
        const [person] = office.people
        expectStatus(
          await office.call('POST', '/meetings', { body, headers: key('reused'), as: person!, at: two }),
          201,
        )
      })

      test('a refusal is not kept: when the way is free, the same key succeeds', async () => {
        const path = await book('the blocker', 12)
        const body = { title: 'second try', ...span(office.at(12)), roomIds: office.rooms.slice(0, 1) }
        const refused = await tenTimes('POST', '/meetings', { body, headers: key('second try') })
        expect(statuses(refused)).toEqual({ 409: 10 })
        expectStatus(await office.call('DELETE', path), 204)
        const answers = await tenTimes('POST', '/meetings', { body, headers: key('second try') })
        expect(statuses(answers)).toEqual({ 201: 10 })
        expect(await effects('second try')).toEqual({ meetings: 1, records: 1, events: 1 })
      })
    })

    describe('a lost update is impossible for who sends the version', () => {
      test('of 10 parallel changes of one version one succeeds, the others get the entity as it is now', async () => {
        const path = await book('ten editors', 14)
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, i) => {
            const change = { description: `editor ${i}` }
            const byHeader = { headers: { 'if-match': '"1.1"' }, body: change }
            const byBody = { body: { ...change, version: 1 } }
            return office.call('PUT', path, { ...(i % 4 < 2 ? byHeader : byBody), at: i % 2 === 0 ? one : two })
          }),
        )
        expect(statuses(answers)).toEqual({ 200: 1, 412: 9 })
        const winner = answers.find(({ status }) => status === 200)?.body
        expect(winner.version).toBe(2)
        for (const { body } of answers.filter(({ status }) => status === 412)) {
          expect([body.code, body.current]).toEqual(['stale', winner])
        }
        expect((await office.call('GET', path)).body).toEqual(winner)
      })

      test('a change whose answer was lost with its node is stale when it is sent again, unless it has a key', async () => {
        const path = await book('editor lost', 16)
        const kept = key('editor')
        const change = { description: 'from the lost editor', version: 1 }
        await sendAndNeverRead(one, path, change, 'editor', 'PUT')
        await eventually(async () =>
          (await effects('editor lost')).events === 2 ? undefined : 'it is not changed yet',
        )
        await one.kill()
        const again = await office.call('PUT', path, { body: change, at: two })
        expect([again.status, again.body.current.description]).toEqual([412, 'from the lost editor'])
        const withKey = await office.call('PUT', path, { body: change, headers: kept, at: two })
        expect([withKey.status, withKey.body]).toEqual([200, again.body.current])
        await one.start()
        expect(await effects('editor lost')).toEqual({ meetings: 1, records: 2, events: 2 })
      })

      test('a change without a version is asked for one', async () => {
        const path = await book('no version', 18)
        const answer = await office.call('PUT', path, { body: { description: 'blind' } })
        expect([answer.status, answer.body.code]).toEqual([428, 'version_required'])
        expect(await judge.faults()).toEqual([])
        expect(await loggedErrors(network)).toEqual([])
      })
    })
  })
}

function key(value: string) {
  return { 'idempotency-key': value }
}

function tenTimes(method: string, path: string, options: object) {
  return Promise.all(
    Array.from({ length: 10 }, (_, i) => office.call(method, path, { ...options, at: i % 2 === 0 ? one : two })),
  )
}

/** Its path. */
async function book(title: string, slot: number): Promise<string> {
  const body = { title, ...span(office.at(slot)), roomIds: office.rooms.slice(0, 1) }
  return expectStatus(await office.call('POST', '/meetings', { body }), 201).headers.get('location') as string
}

/** What is in the store of meetings with titles like this. */
async function effects(title: string) {
  const [row] = await judge.query<{ meetings: number; records: number; events: number }>(
    `SELECT count(*)::integer AS meetings,
            coalesce(sum((SELECT count(*) FROM audit a WHERE a.subject_id = m.id)), 0)::integer AS records,
            coalesce(sum((SELECT count(*) FROM outbox o WHERE o.topic = 'meeting:' || m.id)), 0)::integer AS events
     FROM meeting m WHERE title LIKE $1`,
    [title],
  )
  return row!
}

/** A client that is cut off after it has asked. */
async function sendAndNeverRead(
  node: TestNode,
  path: string,
  body: object,
  value: string,
  method = 'POST',
): Promise<void> {
  const { hostname, port } = new URL(node.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const text = JSON.stringify(body)
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${hostname}`,
    `Authorization: Bearer ${office.owner.token}`,
    `Idempotency-Key: ${value}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ]
  socket.pause()
  socket.on('error', () => {})
  socket.write(`${lines.join('\r\n')}\r\n\r\n${text}`)
}
