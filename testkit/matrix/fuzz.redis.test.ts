import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { REFUSALS } from '../../domain/refusals.ts'
import { COMMANDS } from '../../realtime/protocol.ts'
import { openApi } from '../../server/openapi.ts'
import { SocketClient } from '../socket-client.ts'
import { askDocument } from './ask.ts'
import { type Hostile, hostileValues } from './hostile-values.ts'
import { type HostileOperation, type HostileRequest, hostileOperations, hostileRequests } from './hostile-requests.ts'
import { PEOPLE } from './grid.ts'
import { type Things, makeThings } from './things.ts'
import { type Town, openTown } from './town.ts'

const SEED = 20_261_123
const REQUESTS = 6_000
/** Of these, one at a time with everything counted before and after. */
const WATCHED = 300
const OPERATIONS = 2_800
const WATCHED_MUTATIONS = 60
const MESSAGES = 1_200
const FRAMES = 300
/** Longer than this is a hang. Many at a time on a busy machine may be slow together: who was is asked once more, alone. */
const LONGEST_MS = 2_000
/** However busy the machine. */
const NEVER_MS = 30_000
const AT_A_TIME = 6
/** What betrays the inside of a server: stacks, SQL, drivers. */
const INSIDE = /node_modules|\.ts:\d|at \w+ \(|SELECT |INSERT |syntax error at|violates|ECONN/

let town: Town
let things: Things
let hostile: Hostile
let asked = 0
let refused = 0
let broken = 0
const slow: { ask: () => unknown; what: string }[] = []
beforeAll(async () => {
  town = await openTown()
  things = await makeThings(town)
  const kinds = ['meeting', 'booking', 'room', 'user', 'integration', 'feed', 'device', 'floor', 'dashboard'] as const
  const targets = kinds.flatMap((kind) => [
    ...Object.values(things[kind]('member')),
    ...Object.values(things[kind]('owner')),
  ])
  hostile = hostileValues(targets.flatMap(({ id, laterId }) => [id, laterId]).filter((id) => id.length === 36))
})
afterAll(async () => {
  console.log(
    `fuzz: seed ${SEED}, ${asked} inputs, ${refused} refused, ${broken} broke something, ${slow.length} were slow`,
  )
  await town?.[Symbol.asyncDispose]()
})

describe(`inputs of seed ${SEED}`, () => {
  const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) => fc.sample(arbitrary, { numRuns, seed: SEED })
  const operations = () => sample(hostileOperations(hostile), OPERATIONS)
  const requests = () => sample(hostileRequests(openApi(town.routes), hostile), REQUESTS)

  test(`${WATCHED} requests and ${WATCHED_MUTATIONS} mutations: who is refused has written nothing`, async () => {
    let before = await counts()
    for (const request of requests().slice(0, WATCHED)) {
      const wasRefused = await knock(request, 'owner')
      const after = await counts()
      if (wasRefused) expect(after, JSON.stringify(request)).toEqual(before)
      before = after
    }
    const mutations = operations().filter(({ query }) => query.startsWith('mutation'))
    for (const operation of mutations.slice(0, WATCHED_MUTATIONS)) {
      const wasRefused = await ask(operation)
      const after = await counts()
      if (wasRefused) expect(after, JSON.stringify(operation)).toEqual(before)
      before = after
    }
    expect(refused).toBeGreaterThan(WATCHED / 2)
  }, 120_000)

  test(`${REQUESTS} requests to every operation: none is a 500 and none hangs`, async () => {
    const writers = ['owner', 'owner', 'member', 'guest', 'panel', 'stranger'] as const
    await each(requests().slice(WATCHED), (request, i) => knock(request, writers[i % writers.length]!))
    expect(await alive()).toBe(true)
  }, 120_000)

  test(`${OPERATIONS} operations of GraphQL: none is internal and none hangs`, async () => {
    await each(operations(), (operation) => ask(operation))
    expect(await alive()).toBe(true)
  }, 120_000)

  test(`${MESSAGES} messages to sockets, each with its ack`, async () => {
    const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...Object.keys(COMMANDS)) }, hostile.text)
    const topic = fc.tuple(fc.constantFrom('room', 'meeting', 'person', 'floor', 'dashboard:rooms', 'x'), hostile.id)
    const given = fc.record(
      {
        topic: fc.oneof(
          topic.map((parts) => parts.join(':')),
          hostile.text,
        ),
        epoch: fc.oneof(fc.integer({ min: 0, max: 3 }), hostile.value),
        seq: fc.oneof(fc.integer({ min: 0, max: 99 }), hostile.value),
        roomId: hostile.id,
        allocationId: hostile.id,
        minutes: fc.oneof(fc.integer({ min: 1, max: 90 }), hostile.value),
      },
      { requiredKeys: [] },
    )
    const narrow = fc.oneof(
      topic.map((parts) => ({ topic: parts.join(':') })),
      hostile.id.map((roomId) => ({ roomId })),
    )
    const messages = sample(fc.tuple(name, fc.oneof(given, narrow, hostile.value)), MESSAGES)
    // A socket may say 300 things at once, then 50 a second.
    const clients = PEOPLE.map((who) => new SocketClient({ url: town.url, token: town.tokens[who] as string }))
    await each(messages, async ([event, payload], i) => {
      // The client keeps these names for itself.
      const isReserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']
      const word = isReserved.includes(event) ? 'message' : event
      const client = clients[i % clients.length]!
      const ack = await within(() => client.ask(word, payload), `${word} ${JSON.stringify(payload)}`)
      if (!ack.ok) judgeCode(ack.problem?.code, `${word} ${JSON.stringify(payload)}: ${JSON.stringify(ack)}`)
    })
    for (const client of clients) {
      expect(client.socket.connected).toBe(true)
      await client[Symbol.asyncDispose]()
    }
  }, 120_000)

  test(`${FRAMES} frames to a document: who sends nonsense is closed, and the document stays`, async () => {
    const target = things.meeting('owner')['own']!
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 200 })
    // Sync steps, awareness, auth and what is none of these, with bodies of any bytes.
    const framed = fc
      .tuple(fc.constantFrom([0, 0], [0, 1], [0, 2], [1], [2], [3], [100], [255, 255]), bytes)
      .map(([head, body]) => Uint8Array.from([...head, ...body]))
    const frames = sample(fc.oneof(framed, bytes), FRAMES)
    const address = `${town.url.replace('http', 'ws')}/yjs/meeting:${target.id}?token=${town.tokens.owner}`
    await each(frames, async (frame) => {
      await within(() => say(address, frame), `frame ${Buffer.from(frame).toString('hex')}`)
    })
    expect(await askDocument(town, 'owner', target)).toEqual({ read: 'see', write: 'ok' })
  }, 120_000)

  test('ten thousand of them, and the doors still open', async () => {
    for (const { ask: again, what } of slow) await inTime(again, LONGEST_MS, what)
    expect(asked).toBeGreaterThanOrEqual(10_000)
    expect(await alive()).toBe(true)
  })
})

/** One request; whether it was refused. A refusal must be one by the contract. */
async function knock({ method, path, body, headers }: HostileRequest, who: keyof Town['tokens']): Promise<boolean> {
  // Without a session: with one this would end it.
  const token = path.startsWith('/auth/logout') ? undefined : town.tokens[who]
  const what = JSON.stringify({ method, path, body, headers, who, seed: SEED })
  const isWrite = method !== 'GET' && method !== 'DELETE'
  const answer = await within(
    () => town.api.call(method, path, { token, headers, ...(isWrite && { body: body ?? '' }) }),
    what,
  )
  if (answer.status < 400) return false
  refused += 1
  if (answer.status >= 500) broken += 1
  expect(answer.status, what).toBeLessThan(500)
  expect(answer.headers.get('content-type'), what).toBe('application/problem+json')
  expect(answer.body, what).toMatchObject({ status: answer.status, requestId: expect.any(String) })
  judgeCode(answer.body.code, what)
  expect(JSON.stringify({ ...answer.body, errors: 0, detail: 0, current: 0 }), what).not.toMatch(INSIDE)
  return true
}

/** Resolves when the node has shown that it lives on: it answers, or has closed. */
async function say(address: string, frame: Uint8Array): Promise<void> {
  const socket = new WebSocket(address)
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(frame)
  socket.ping()
  await new Promise((resolve) => ['pong', 'close', 'error'].forEach((event) => socket.once(event, resolve)))
  socket.terminate()
}

/** One operation; whether it was refused. */
async function ask(operation: HostileOperation): Promise<boolean> {
  const what = JSON.stringify({ ...operation, seed: SEED })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${town.tokens.owner}` }
  const answer = await within(
    () => town.graph.request({ method: 'POST', headers, body: JSON.stringify(operation) }),
    what,
  )
  expect(answer.status, what).toBeLessThan(500)
  const { errors = [], code } = JSON.parse(await answer.text())
  const codes = [...(code === undefined ? [] : [code]), ...errors.map((error: Fault) => error.extensions?.code)]
  if (codes.length > 0) refused += 1
  for (const one of codes) judgeCode(one, `${what}: ${JSON.stringify(errors)}`)
  return codes.length > 0
}

interface Fault {
  extensions?: { code?: string }
}

function judgeCode(code: string | undefined, what: string): void {
  if (!(code! in REFUSALS) || code === 'internal') broken += 1
  expect(Object.keys(REFUSALS), what).toContain(code)
  expect(['internal', 'unavailable', 'outcome_unknown', 'too_many_requests'], what).not.toContain(code)
}

/** Several at a time; the first that fails ends it. */
async function each<T>(inputs: readonly T[], work: (input: T, i: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    try {
      while (next < inputs.length) {
        const i = next++
        await work(inputs[i] as T, i)
      }
    } finally {
      next = inputs.length
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
}

async function within<T>(ask: () => T | Promise<T>, what: string): Promise<T> {
  asked += 1
  const started = performance.now()
  const answer = await inTime(ask, NEVER_MS, what)
  if (performance.now() - started > LONGEST_MS) slow.push({ ask, what })
  return answer
}

async function inTime<T>(ask: () => T | Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms: ${what}`)), ms)
  })
  try {
    return await Promise.race([ask(), late])
  } finally {
    clearTimeout(timer)
  }
}

async function alive(): Promise<boolean> {
  return (await town.api.call('GET', '/auth/profile', { token: town.tokens.owner })).status === 200
}

/** How many rows every table holds that a tenant's rows or accounts are in. What ran beside (relay, documents) is not here. */
async function counts(): Promise<object> {
  const [row] = await town.query(
    `SELECT ${TABLES.map((table) => `(SELECT count(*)::integer FROM ${table}) AS "${table}"`).join(', ')},
       (SELECT count(*)::integer FROM outbox WHERE type NOT IN ('floor.changed', 'dashboard.changed')) AS news`,
  )
  return row as object
}

const TABLES = [
  ...['identity.organization', 'identity.account', 'identity.membership', 'identity.session', 'identity.refresh_token'],
  ...[
    'identity.device_pairing',
    'users',
    'building',
    'floor',
    'equipment',
    'room',
    'meeting',
    'participant',
    'occurrence',
  ],
  ...[
    'allocation',
    'audit',
    'idempotency_key',
    'due',
    'doc',
    'room_use',
    'room_occupancy',
    'occupancy_sample',
    'message',
  ],
  ...['calendar_integration', 'calendar_feed', 'device'],
]
