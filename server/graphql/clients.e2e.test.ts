import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { PASSWORD, unique } from '../../testkit/api.ts'
import { MEETING } from '../../testkit/booking-office.ts'
import { eventually } from '../../testkit/eventually.ts'
import { TestNetwork } from '../../testkit/network.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await TestNetwork.open({ api: 1, realtime: 2, worker: 1 })
})
afterAll(() => network[Symbol.asyncDispose]())

const BOOK = `mutation Book($input: BookMeetingInput!) { bookMeeting(input: $input) { __typename ... on Booked { meeting { id } } } }`
const RENAME = `mutation Rename($id: ID!, $version: Int!, $title: String!) {
  changeMeeting(id: $id, version: $version, input: { title: $title }) { meeting { version } } }`
const ROOM = `mutation Room($name: String!) { createRoom(input: { name: $name, capacity: 9 }) { id name } }`
const VIEWER = `query Viewer { viewer { id email } }`
const CHANGED = `subscription Changed($id: ID!, $after: CursorInput) {
  meetingChanged(id: $id, after: $after) { topic epoch seq type meeting { id title room { name } } } }`

interface Item {
  epoch: number
  seq: number
  type: string
  meeting: { title: string; room: { name: string } }
}

/** Keeps what a client was told, and every break of "consecutive, or a snapshot". */
class Diary {
  readonly items: Item[] = []
  readonly faults: string[] = []
  cursor: { epoch: number; seq: number } | undefined

  add(item: Item): void {
    const { epoch, seq, type } = item
    if (type !== 'snapshot' && seq !== (this.cursor?.seq ?? NaN) + 1) {
      this.faults.push(`${type} ${seq} after ${this.cursor?.seq}`)
    }
    this.items.push(item)
    this.cursor = { epoch, seq }
  }

  get events(): number[] {
    return this.items.filter((item) => item.type !== 'snapshot').map((item) => item.seq)
  }

  get snapshots(): number {
    return this.items.length - this.events.length
  }
}

async function register(): Promise<{ token: string; refreshToken: string; userId: string }> {
  const body = JSON.stringify({
    email: `${unique()}@example.org`,
    password: PASSWORD,
    firstName: 'A',
    lastName: 'B',
    organization: `Org ${unique()}`,
  })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${network.url}/auth/register`, { method: 'POST', headers, body })
  const { accessToken, refreshToken, user } = (await answer.json()) as never as Record<string, string> & {
    user: { id: string }
  }
  return { token: accessToken as string, refreshToken: refreshToken as string, userId: user.id }
}

function sockets(token: string, retryAttempts: number) {
  const closed: number[] = []
  const client = createClient({
    url: `${network.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    shouldRetry: () => true,
    on: { closed: (event) => closed.push((event as { code: number }).code) },
  })
  return { client, closed }
}

/** One that is connecting may fail at it, and nobody needs it any more. */
async function hangUp(socket: { dispose: () => void | Promise<void> }): Promise<void> {
  await Promise.resolve(socket.dispose()).catch(() => {})
}

function apollo(token: string) {
  // It asks again by itself, from where it was.
  const { client: socket, closed } = sockets(token, 0)
  const http = new HttpLink({ uri: `${network.url}/graphql`, headers: { authorization: `Bearer ${token}` } })
  const link = ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(socket),
    http,
  )
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  const diary = new Diary()
  let over = false
  function follow(id: string): void {
    const variables = { id, after: diary.cursor }
    // Apollo says as the last thing of a result that the connection was lost, and completes.
    client.subscribe<{ meetingChanged: Item }>({ query: gql(CHANGED), variables }).subscribe({
      next: ({ data }) => data && diary.add(data.meetingChanged),
      complete: () => over || setTimeout(() => follow(id), 50),
    })
  }
  return {
    client,
    closed,
    diary,
    follow,
    stop() {
      over = true
      client.stop()
      void hangUp(socket)
    },
  }
}

function urql(token: string) {
  // The stock reconnect: it asks the same again, and is given a snapshot.
  const { client: socket, closed } = sockets(token, 100)
  const client = new Client({
    url: `${network.url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query, variables: variables as never }, sink as never),
          }),
        }),
      }),
    ],
  })
  const diary = new Diary()
  const follow = (id: string) =>
    client.subscription(CHANGED, { id }).subscribe(({ data }) => data && diary.add(data.meetingChanged))
  return { client, closed, diary, follow, stop: () => void hangUp(socket) }
}

test('Apollo and urql query, mutate and subscribe, and go on without a gap when nodes are killed', async () => {
  const { token, userId } = await register()
  const one = apollo(token)
  const two = urql(token)
  const { data: seen } = await one.client.query<{ viewer: { id: string } }>({ query: gql(VIEWER) })
  expect(seen?.viewer.id).toBe(userId)
  expect((await two.client.query(VIEWER, {})).data.viewer.id).toBe(userId)
  const { data: room } = await two.client.mutation(ROOM, { name: 'Ada' })
  const input = { ...MEETING, roomIds: [room.createRoom.id] }
  const booked = await one.client.mutate<{ bookMeeting: { meeting: { id: string } } }>({
    mutation: gql(BOOK),
    variables: { input },
  })
  const id = booked.data?.bookMeeting.meeting.id as string
  expect((await two.client.mutation(BOOK, { input })).data.bookMeeting.__typename).toBe('SlotConflict')

  const three = sse(token)
  one.follow(id)
  two.follow(id)
  three.follow(id)
  const diaries = [one.diary, two.diary, three.diary]
  await eventually(async () => (diaries.every(({ items }) => items.length === 1) ? undefined : 'no snapshots'))
  expect(diaries.map(({ items }) => items[0])).toMatchObject(
    Array(3).fill({ type: 'snapshot', meeting: { title: 'Planning', room: { name: 'Ada' } } }),
  )

  let version = 1
  const rename = async () => {
    const changed = await two.client.mutation(RENAME, { id, version, title: `Title ${version}` })
    version = changed.data.changeMeeting.meeting.version
  }
  const allSeeTheLast = () =>
    eventually(async () => {
      const titles = diaries.map(({ items }) => items.at(-1)?.meeting.title)
      return titles.every((title) => title === `Title ${version - 1}`) ? undefined : `they see ${titles.join()}`
    })
  await rename()
  await rename()
  await allSeeTheLast()
  for (const node of network.of('realtime')) {
    await node.kill()
    await rename()
    await rename()
    await allSeeTheLast()
    await node.start()
  }
  expect(diaries.flatMap(({ faults }) => faults)).toEqual([])
  // Who says where it was is given every event once; the others at least the state after each interruption.
  expect(one.diary.snapshots).toBe(1)
  expect(one.diary.events).toEqual([2, 3, 4, 5, 6, 7])
  expect(two.diary.snapshots + three.diary.snapshots).toBeGreaterThan(2)
  for (const client of [one, two, three]) client.stop()
})

test('a session that ends takes its subscriptions with it within a second, on both nodes, with Redis gone', async () => {
  const { token } = await register()
  const input = { ...MEETING, roomIds: [] }
  const client = urql(token)
  const id = (await client.client.mutation(BOOK, { input })).data.bookMeeting.meeting.id
  const watching = [apollo(token), apollo(token), sse(token), sse(token)] as const
  for (const one of watching) one.follow(id)
  await eventually(async () => (watching.every(({ diary }) => diary.items.length === 1) ? undefined : 'no snapshots'))
  await network.redis.kill()
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  expect((await fetch(`${network.url}/auth/logout`, { method: 'POST', headers, body: '{}' })).status).toBe(204)
  const ended = performance.now()
  await eventually(async () => (watching.every(({ closed }) => closed.includes(4401)) ? undefined : 'still open'))
  expect(performance.now() - ended).toBeLessThan(1_000)
  const [ws, , stream] = watching
  expect([...ws.diary.faults, ...stream.diary.faults]).toEqual([])
  const after = await fetch(`${network.url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query: VIEWER }),
  })
  expect(after.status).toBe(401)
  for (const log of await Promise.all(network.nodes.map((node) => node.log()))) expect(log).not.toContain(token)
  for (const one of [client, ...watching]) one.stop()
})

/** graphql-sse in its own way of streaming: a request each. It comes back by itself. */
function sse(token: string) {
  const client = createSseClient({
    url: `${network.url}/graphql`,
    headers: { authorization: `Bearer ${token}` },
    retryAttempts: 100,
    retry: () => new Promise((resolve) => setTimeout(resolve, 50)),
  })
  const diary = new Diary()
  const closed: number[] = []
  const follow = (id: string) =>
    client.subscribe<{ meetingChanged: Item }>(
      { query: CHANGED, variables: { id } },
      {
        next({ data, errors }) {
          if (data) diary.add(data.meetingChanged)
          for (const error of errors ?? []) closed.push(error.extensions?.['closeCode'] as number)
        },
        error: () => {},
        complete: () => {},
      },
    )
  return { closed, diary, follow, stop: () => client.dispose() }
}
