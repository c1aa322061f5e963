import { createClient } from 'graphql-sse'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MEETING, type BookingOffice, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { eventually } from '../../testkit/eventually.ts'
import { type TestGraph, countStatements, openTestGraph } from '../../testkit/graph.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import type { Cursor, FollowTopic, LiveItem } from './deps.ts'

let office: BookingOffice
let graph: TestGraph
let news: News
beforeAll(async () => {
  office = await openBookingOffice()
})
beforeEach(() => {
  news = new News()
  graph = openTestGraph(office.api, { follow: news.follow })
})
afterAll(() => office[Symbol.asyncDispose]())

/** A newsroom of topics that say what the test gives them. */
class News {
  readonly watches: { topic: string; after: Cursor | undefined; signal: AbortSignal }[] = []
  readonly #readers = new Set<{ topic: string; give: (item: LiveItem | undefined) => void }>()

  readonly follow: FollowTopic = async (_actor, { topic, after, signal }) => {
    if (topic.endsWith('-000000000000')) return err(refuse('not_found'))
    this.watches.push({ topic, after, signal })
    const items: (LiveItem | undefined)[] = []
    let wake = () => {}
    const reader = {
      topic,
      give(item: LiveItem | undefined) {
        items.push(item)
        wake()
      },
    }
    this.#readers.add(reader)
    signal.addEventListener('abort', () => reader.give(undefined))
    return ok(
      (async function* read() {
        for (;;) {
          while (items.length === 0) await new Promise<void>((resolve) => (wake = resolve))
          const item = items.shift()
          if (item === undefined) return
          yield item
        }
      })(),
    )
  }

  say(topic: string, data: object, seq = 1, type = 'meeting.updated'): void {
    const item = { topic, epoch: 1, seq, type, at: '2026-11-23T09:00:00Z', data }
    for (const reader of this.#readers) if (reader.topic === topic) reader.give(item)
  }

  /** The topic may not be watched any more. */
  close(topic: string): void {
    for (const reader of this.#readers) if (reader.topic === topic) reader.give(undefined)
  }
}

/** A stream of server-sent events as it is read. */
async function listen(query: string, variables: object = {}, by = office.token) {
  const answer = await graph.request({
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${by}` },
    body: JSON.stringify({ query, variables }),
  })
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    /** Everything up to the next event; undefined at the end. */
    async next(): Promise<{ event: string; data: Record<string, never> } | undefined> {
      for (;;) {
        const block = /^(?::\n\n)*event: (\w+)\ndata: ?(.*)\n\n/.exec(text)
        if (block !== null) {
          text = text.slice(block[0].length)
          return { event: block[1] as string, data: block[2] === '' ? {} : JSON.parse(block[2] as string) }
        }
        const { done, value } = await reader.read()
        if (done) return undefined
        text += Buffer.from(value).toString()
      }
    },
    cancel: () => reader.cancel(),
  }
}

const CHANGED = `subscription ($id: ID!, $after: CursorInput) {
  meetingChanged(id: $id, after: $after) { topic epoch seq type at data meeting { title room { name } } } }`
const MEETING_ID = '01900000-0000-7000-8000-000000000001'
const TOPIC = `meeting:${MEETING_ID}`

async function aMeeting(): Promise<object> {
  const roomIds = [await office.room()]
  return expectStatus(await office.book({ ...MEETING, roomIds }), 201).body.meeting
}

describe('a subscription over SSE', () => {
  test('says where it stands and what happened, from the cursor it is given', async () => {
    const meeting = await aMeeting()
    const stream = await listen(CHANGED, { id: MEETING_ID, after: { epoch: 1, seq: 6 } })
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream'])
    expect(news.watches).toMatchObject([{ topic: TOPIC, after: { epoch: 1, seq: 6 } }])
    news.say(TOPIC, meeting, 7)
    const { event, data } = (await stream.next())!
    expect(event).toBe('next')
    expect(data).toMatchObject({
      data: {
        meetingChanged: {
          ...{ topic: TOPIC, epoch: 1, seq: 7, type: 'meeting.updated', at: '2026-11-23T09:00:00Z', data: meeting },
          meeting: { title: 'Planning', room: { name: expect.stringMatching(/^Room/) } },
        },
      },
    })
    await stream.cancel()
    expect(news.watches[0]?.signal.aborted).toBe(true)
  })

  test('is executed once for everybody who asks the same', async () => {
    const meeting = await aMeeting()
    const streams = await Promise.all(Array.from({ length: 20 }, () => listen(CHANGED, { id: MEETING_ID })))
    const statements = countStatements()
    news.say(TOPIC, meeting)
    const answers = await Promise.all(streams.map((stream) => stream.next()))
    // One look at the room: BEGIN, SELECT, COMMIT.
    expect(statements()).toBe(3)
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    await Promise.all(streams.map((stream) => stream.cancel()))
  })

  test('of several rooms is one stream, with a cursor for each', async () => {
    const ids = [await office.room(), await office.room()]
    const topics = ids.map((id) => `room:${id}`)
    const query = `subscription ($ids: [ID!]!, $after: [CursorInput!]) { roomState(ids: $ids, after: $after) { topic seq roomId state { status current { title } } } }`
    const stream = await listen(query, { ids, after: [{ topic: topics[1], epoch: 1, seq: 3 }] })
    expect(news.watches.map(({ topic, after }) => [topic, after])).toEqual([
      [topics[0], undefined],
      [topics[1], { epoch: 1, seq: 3 }],
    ])
    const seen = async () => (await stream.next())?.data['data']?.['roomState']
    news.say(topics[1]!, { roomId: ids[1] }, 4, 'room.booked')
    expect(await seen()).toMatchObject({ topic: topics[1], seq: 4, roomId: ids[1], state: { status: 'free' } })
    news.say(topics[0]!, { state: { roomId: ids[0], status: 'checked_in' } }, 1, 'room.checked_in')
    expect(await seen()).toMatchObject({ topic: topics[0], state: { status: 'checked_in', current: null } })
    await stream.cancel()
    expect(news.watches.every(({ signal }) => signal.aborted)).toBe(true)
  })

  test('never looks up a title for one that others would be shown as well', async () => {
    const roomId = await office.room()
    const times = { startTime: '2026-11-23T08:55:00Z', endTime: '2026-11-23T10:00:00Z' }
    expectStatus(await office.book({ ...times, title: 'Secret', visibility: 'participants', roomIds: [roomId] }), 201)
    const asked = await graph.ask(office.token, `query ($ids: [ID!]!) { roomState(ids: $ids) { current { title } } }`, {
      ids: [roomId],
    })
    const query = `subscription ($ids: [ID!]!) { roomState(ids: $ids) { state { current { title start } } } }`
    const stream = await listen(query, { ids: [roomId] })
    news.say(`room:${roomId}`, {}, 1, 'room.booked')
    const { data } = (await stream.next())!
    expect(JSON.stringify(data)).not.toContain('Secret')
    // The organizer himself reads it where nobody else is answered.
    expect(asked.data ?? asked.errors).toEqual({ roomState: [{ current: { title: 'Secret' } }] })
    expect(data['data']).toMatchObject({ roomState: { state: { current: { title: null } } } })
    await stream.cancel()
  })

  test('ends with an error when the topic may not be watched any more', async () => {
    const stream = await listen(CHANGED, { id: MEETING_ID })
    news.close(TOPIC)
    expect(await stream.next()).toMatchObject({
      event: 'next',
      data: { errors: [{ extensions: { code: 'forbidden', closeCode: 4403 } }] },
    })
    expect(await stream.next()).toEqual({ event: 'complete', data: {} })
    expect(await stream.next()).toBeUndefined()
  })

  test.each([
    ['names what is not there', CHANGED, { id: MEETING_ID.replace(/1$/, '0') }, 'not_found'],
    ['has a wrong variable', CHANGED, { id: 'x' }, 'invalid_input'],
    ['lacks a variable', CHANGED, {}, 'invalid_input'],
    ['is not of the schema', 'subscription { nothing }', {}, 'invalid_input'],
    ['is not GraphQL', 'subscription {', {}, 'malformed_body'],
  ])('that %s is refused in words that the stock client hands on at once', async (_, query, variables, code) => {
    const client = createClient({
      url: 'http://localhost/graphql',
      headers: { authorization: `Bearer ${office.token}` },
      fetchFn: (_url: string, init: RequestInit) => graph.request(init),
      retryAttempts: 0,
    })
    const told: unknown[] = []
    for await (const result of client.iterate({ query, variables })) told.push(result)
    expect(told).toMatchObject([{ errors: [{ message: expect.stringMatching(/\w/), extensions: { code } }] }])
    client.dispose()
  })

  test('ends when the session is over or the role changes, saying which', async () => {
    const person = await office.person('member')
    const stream = await listen(CHANGED, { id: MEETING_ID }, person.token)
    const role = { role: 'auditor', version: 1 }
    expectStatus(await office.api.call('PUT', `/users/${person.id}`, { token: office.token, body: role }), 200)
    await office.api.identity.revocations.poll()
    expect(await stream.next()).toMatchObject({
      data: { errors: [{ extensions: { code: 'forbidden', closeCode: 4403 } }] },
    })
    expect((await stream.next())?.event).toBe('complete')
    const again = await listen(CHANGED, { id: MEETING_ID }, person.token)
    expectStatus(await office.api.call('POST', '/auth/logout', { token: person.token, body: {} }), 204)
    expect(await again.next()).toMatchObject({
      data: { errors: [{ extensions: { code: 'unauthenticated', closeCode: 4401 } }] },
    })
    await eventually(async () => (news.watches.every(({ signal }) => signal.aborted) ? undefined : 'still watched'))
  })

  test('ends without completing when the node stops, so that clients come back', async () => {
    const stream = await listen(CHANGED, { id: MEETING_ID })
    graph.sessions[Symbol.dispose]()
    expect(await stream.next()).toBeUndefined()
    expect((await listen(CHANGED, { id: MEETING_ID })).status).toBe(503)
  })

  test('answers a query too, and a node without news says so', async () => {
    const stream = await listen('{ viewer { id } }')
    expect(await stream.next()).toMatchObject({
      event: 'next',
      data: { data: { viewer: { id: office.owner.user.id } } },
    })
    expect((await stream.next())?.event).toBe('complete')
    graph = openTestGraph(office.api)
    const without = await listen(CHANGED, { id: MEETING_ID })
    expect([without.status, JSON.stringify(await without.next())]).toEqual([
      503,
      expect.stringContaining('unavailable'),
    ])
    const { status, errors } = await graph.ask(office.token, CHANGED, { id: MEETING_ID })
    expect([status, errors?.[0].extensions.code]).toEqual([422, 'invalid_input'])
  })
})
