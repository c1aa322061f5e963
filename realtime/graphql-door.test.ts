import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type ExecutionResult, GraphQLError, buildSchema, parse, print } from 'graphql'
import { createClient } from 'graphql-ws'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../testkit/eventually.ts'
import type { RoleChange } from '../db/identity/revocations.ts'
import { StoreUnavailable } from '../db/pool.ts'
import type { Principal } from '../domain/identity/ports.ts'
import { openDoors } from './doors.ts'
import { type GraphqlCall, openGraphqlDoor } from './graphql-door.ts'

const ORGANIZATION = '00000000-0000-7000-8000-000000000001'
const SCHEMA = buildSchema('type Query { once: Int } type Subscription { stream: String big: String }')
const BIG = 'x'.repeat(64 * 1_024)

/** A door whose tokens are session ids; `ticket-…` opens sockets only, `bad` nothing, `away` meets a store that is away. */
class Rig {
  readonly http: Server = createServer()
  readonly calls: GraphqlCall[] = []
  /** Results given to subscriptions so far, over all of them. */
  taken = 0
  /** Subscriptions that nobody has ended. */
  open = 0
  revoke: (sessionId: string) => void = () => {}
  changeRole: (change: RoleChange) => void = () => {}
  readonly door = openGraphqlDoor({
    authenticate: async (token, surface) => {
      if (token === 'away') throw new StoreUnavailable('just now')
      if (token === undefined || token === 'bad' || (token.startsWith('ticket') && surface === 'http')) return undefined
      return { ...ANYBODY, sessionId: token }
    },
    onRevoked: (listener) => {
      this.revoke = listener
      return () => {}
    },
    onRoleChanged: (listener) => {
      this.changeRole = listener
      return () => {}
    },
    log: pino({ enabled: false }),
    metrics: new Registry(),
    newId: () => 'request',
    begin: async (call) => {
      this.calls.push(call)
      const { query } = call.payload
      if (query === 'refused') return [new GraphQLError('no')]
      if (query === 'broken') throw new Error('a secret of ours')
      return { schema: SCHEMA, document: parse(query === 'once' ? '{ once }' : `subscription { ${query} }`) }
    },
    execute: () => ({ data: { once: 1 } }),
    subscribe: ({ document }) => this.#stream(print(document).includes('big') ? BIG : 'news'),
  })

  async listen(): Promise<void> {
    openDoors(this.http, [this.door])
    this.http.listen(0, '127.0.0.1')
    await once(this.http, 'listening')
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.http.address() as AddressInfo).port}/graphql`
  }

  raw(protocol = 'graphql-transport-ws', path = ''): WebSocket {
    return new WebSocket(this.url + path, protocol)
  }

  /** One item, or item upon item; open until somebody ends it. */
  #stream(item: string): AsyncIterable<ExecutionResult> {
    this.open += 1
    const results = [{ data: { item } }]
    let end = () => {}
    const ended = new Promise<{ done: true; value: undefined }>((resolve) => {
      end = () => resolve({ done: true, value: undefined })
    })
    return {
      [Symbol.asyncIterator]() {
        return this
      },
      next: async () => {
        this.taken += 1
        // As news does, it comes by the event loop.
        await new Promise((resolve) => setImmediate(resolve))
        const value = item === BIG ? results[0] : results.pop()
        return value === undefined ? ended : { done: false, value }
      },
      return: () => {
        this.open -= 1
        end()
        return ended
      },
    } as never
  }
}

const ANYBODY: Principal = {
  organizationId: ORGANIZATION,
  userId: ORGANIZATION,
  role: 'member',
  sessionId: '',
  expiresAt: Infinity,
}

let rig: Rig
beforeEach(async () => {
  rig = new Rig()
  await rig.listen()
})
afterEach(async () => {
  await rig.door[Symbol.asyncDispose]()
  rig.http.closeAllConnections()
  rig.http.close()
})

function stock(token: unknown, { retryAttempts = 0 } = {}) {
  const closed: number[] = []
  let connected = 0
  const client = createClient({
    url: rig.url,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts,
    retryWait: async () => {},
    on: { closed: (event) => closed.push((event as { code: number }).code), connected: () => (connected += 1) },
  })
  const results: unknown[] = []
  const failures: unknown[] = []
  return {
    client,
    closed,
    results,
    failures,
    get connected() {
      return connected
    },
    ask(query: string): () => void {
      return client.subscribe(
        { query },
        { next: (result) => results.push(result), error: (error) => failures.push(error), complete: () => {} },
      )
    },
  }
}

/** What a raw socket is closed with. */
async function closeOf(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, 'close')
  return code as number
}

async function until(holds: () => boolean): Promise<void> {
  await eventually(async () => (holds() ? undefined : String(holds)))
}

describe('a connection', () => {
  test('answers, refuses and streams to the stock client, and ends what the client completes', async () => {
    const one = stock('s1')
    one.ask('once')
    await until(() => one.results.length === 1)
    expect(one.results).toEqual([{ data: { once: 1 } }])
    one.ask('refused')
    await until(() => one.failures.length === 1)
    expect(one.failures).toEqual([[{ message: 'no' }]])
    const stop = one.ask('stream')
    await until(() => one.results.length === 2)
    stop()
    await until(() => rig.open === 0)
    expect(rig.calls[0]?.actor).toMatchObject({ sessionId: 's1', requestId: 'request' })
    await one.client.dispose()
  })

  test('says nothing of a fault of ours', async () => {
    const one = stock('s1')
    one.ask('broken')
    await until(() => one.failures.length === 1)
    expect(JSON.stringify(one.failures)).toContain('"code":"internal"')
    expect(JSON.stringify(one.failures)).not.toContain('secret')
    await one.client.dispose()
  })

  test('takes commands from an access token only, a socket ticket reads and listens', async () => {
    for (const token of ['s1', 'ticket-1']) {
      const one = stock(token)
      one.ask('once')
      await until(() => one.results.length === 1)
      await one.client.dispose()
    }
    expect(rig.calls.map((call) => call.mayWrite)).toEqual([true, false])
  })

  test('is closed for good without a valid token, and to be tried again while the store is away', async () => {
    const bad = stock('bad', { retryAttempts: 3 })
    bad.ask('once')
    await until(() => bad.failures.length === 1)
    expect(bad.closed).toEqual([4401])
    const away = stock('away', { retryAttempts: 2 })
    away.ask('once')
    await until(() => away.failures.length === 1)
    expect(away.closed).toEqual([1013, 1013, 1013])
  })

  test('keeps to the protocol', async () => {
    const init = JSON.stringify({ type: 'connection_init', payload: { token: 's1' } })
    const subscribe = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'stream' } })
    const cases: [messages: string[], code: number][] = [
      [['no json'], 4400],
      [[JSON.stringify({ type: 'start' })], 4400],
      [[subscribe], 4401],
      [[init, init], 4429],
      [[init, subscribe, subscribe], 4409],
    ]
    for (const [messages, code] of cases) {
      const socket = rig.raw()
      await once(socket, 'open')
      for (const message of messages) {
        socket.send(message)
        if (message === init && messages[1] === subscribe) await once(socket, 'message')
      }
      expect(await closeOf(socket)).toBe(code)
    }
    expect(await closeOf(new WebSocket(rig.url))).toBe(4406)
    const elsewhere = rig.raw(undefined, 'x')
    const [error] = await once(elsewhere, 'error')
    expect(String(error)).toContain('404')
  })
})

describe('a connection ends', () => {
  test('for good when its session is over', async () => {
    const one = stock('s1', { retryAttempts: 3 })
    one.ask('stream')
    await until(() => one.results.length === 1)
    rig.revoke('another')
    rig.revoke('s1')
    await until(() => one.failures.length === 1)
    expect([one.closed, one.connected]).toEqual([[4401], 1])
    expect(rig.open).toBe(0)
    const late = stock('s1')
    late.ask('stream')
    await until(() => late.failures.length === 1)
    expect(late.closed).toEqual([4401])
  })

  test('when the role changes, and the stock client comes back by itself', async () => {
    const one = stock('s1', { retryAttempts: 3 })
    one.ask('stream')
    await until(() => one.results.length === 1)
    rig.changeRole({ organizationId: ORGANIZATION, userId: ORGANIZATION, role: 'guest' })
    await until(() => one.results.length === 2)
    expect([one.closed, one.connected]).toEqual([[4403], 2])
    await one.client.dispose()
  })

  test('with 1012 when the node stops, after which newcomers are refused', async () => {
    const one = stock('s1')
    one.ask('stream')
    await until(() => one.results.length === 1)
    await rig.door[Symbol.asyncDispose]()
    await until(() => one.closed.length === 1)
    expect(one.closed).toEqual([1012])
    const [error] = await once(rig.raw(), 'error')
    expect(String(error)).toContain('503')
  })
})

test('a reader that does not read costs a bounded amount, however much there is to say', async () => {
  const socket = rig.raw()
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: 's1' } }))
  await once(socket, 'message')
  ;(socket as unknown as { _socket: Socket })._socket.pause()
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'big' } }))
  await until(() => rig.taken > 3)
  let before = 0
  let unchanged = 0
  await eventually(async () => {
    unchanged = rig.taken === before ? unchanged + 1 : 0
    before = rig.taken
    return unchanged >= 20 ? undefined : `still taking: ${rig.taken}`
  })
  // What the kernel holds of a local connection, and our own quarter of a megabyte.
  expect((rig.taken * BIG.length) / 2 ** 20).toBeLessThan(16)
  socket.terminate()
})
