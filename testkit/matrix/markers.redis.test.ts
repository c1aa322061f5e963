import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { APPLICATION_KEY, unique } from '../api.ts'
import { expectStatus } from '../booking-office.ts'
import { DocClient, contentOfReplica } from '../doc-client.ts'
import { eventually } from '../eventually.ts'
import type { Mail } from '../../domain/notifications/ports.ts'
import { MINUTE_MS, plus } from '../../domain/time/instant.ts'
import { createSmtp } from '../../integrations/mail/smtp.ts'
import { announcementJob } from '../../jobs/announcement.ts'
import { createFeedJob } from '../../jobs/feeds.ts'
import { mailJob } from '../../jobs/mail.ts'
import { openJobs } from '../../jobs/open-jobs.ts'
import { callGraph, callRest, openSockets } from './ask.ts'
import { type Cell, cellsOf, judge } from './cells.ts'
import { GRAPH_ROWS } from './graph-rows.ts'
import { PEOPLE, type Principal } from './grid.ts'
import { contentMarks, secretMarks } from './marks.ts'
import { OTHER_ROWS, REST_ROWS, SCRAPE } from './rest-rows.ts'
import { Search, keysOf, rowsOf } from './search.ts'
import { SOCKET_ROWS } from './socket-rows.ts'
import { type Things, makeThings } from './things.ts'
import { type Town, openTown } from './town.ts'

// PostgreSQL and Redis are inside the wall: titles, addresses and the text of documents are kept there, the latter also as Yjs
// bytes in the streams between nodes. What opens doors is not: passwords and tokens are kept as hashes or sealed, or not at all.
// A log and a metric hold neither.

const SMTP_PASSWORD = `smtp-${unique()}`
const WRONG_PASSWORD = `guessed-${unique()}`
const lines: string[] = []
let town: Town
let things: Things
let secrets: Search
let content: Search
let planted = 0
beforeAll(async () => {
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
  town = await openTown({ log })
  things = await makeThings(town)
  const marks = contentMarks(town, things)
  const code = await openPairing()
  const hidden = secretMarks(town, things, [SMTP_PASSWORD, WRONG_PASSWORD, ...(await tickets()), `"${code}"`])
  planted = marks.length + hidden.length
  content = new Search([...marks, ...hidden])
  secrets = new Search(hidden)
})
afterAll(async () => {
  console.log(`markers: ${planted} planted, ${content.places + secrets.places} places searched, ${leaks} leaks`)
  await town?.[Symbol.asyncDispose]()
})

describe('private words and secrets', () => {
  test('are in no answer of REST but of who may read them', async () => {
    for (const row of [...REST_ROWS, ...OTHER_ROWS]) {
      // A secret address is its own proof: whoever holds it reads what is behind it.
      const isHeld = row.kind === 'secret'
      const cells = cellsOf(row, things).filter(isTelling)
      await judge(cells, async (cell) => {
        const { headers, body } = await callRest(town, row, cell.who, cell.target)
        const text = `${JSON.stringify(body)} ${JSON.stringify([...headers])}`
        content.look(`${row.operation} (${cell.relation})`, text, isHeld ? 'holder' : cell.who)
        return cell.expected
      })
    }
    expectNone(content, 1_500)
  }, 120_000)

  test('are in no answer of GraphQL but of who may read them', async () => {
    for (const row of GRAPH_ROWS.filter(({ operation }) => !operation.startsWith('mutation'))) {
      await judge(cellsOf(row, things).filter(isTelling), async (cell) => {
        const { text } = await callGraph(town, row, cell.who, cell.target)
        content.look(`${row.operation} (${cell.relation})`, text, cell.who)
        return cell.expected
      })
    }
    expectNone(content, 500)
  }, 120_000)

  test('are in no document but for who may read it', async () => {
    for (const who of PEOPLE) {
      const { own } = things.meeting(who)
      await using writer = await document(who, own!.id)
      writer.type(` ${own!.mark} typed`)
      writer.doc.getArray('agenda').push([`${own!.mark} item`])
      writer.provider.awareness.setLocalStateField('user', { name: own!.mark })
      await writer.until(() => writer.acks.some(({ kind }) => kind === 'stored'), 'stored')
    }
    const cells = cellsOf({ ...SOCKET_ROWS.find(({ operation }) => operation === 'topic meeting')! }, things)
    await judge(cells, async ({ who, target, expected, relation }) => {
      await using reader = await document(who, target.id)
      content.look(`a document (${relation})`, contentOfReplica(reader.doc), who)
      return expected
    })
    expectNone(content, 60)
  }, 120_000)

  test('are in no state and no news of a topic but for who may read them', async () => {
    await using sockets = await openSockets(town)
    const heard = new Map<Principal, object[]>()
    for (const [who, client] of sockets) {
      if (typeof client === 'string') continue
      const items: object[] = []
      heard.set(who, items)
      client.socket.on('news', (news: object[]) => items.push(...news))
    }
    for (const row of SOCKET_ROWS.filter(({ name }) => name === 'topic.watch')) {
      await judge(cellsOf(row, things), async ({ who, target, relation, expected }) => {
        const client = sockets.get(who)
        const ack = typeof client === 'object' ? await client.ask(row.name, row.payload(target)) : client
        // Rooms, floors and dashboards say no title to anybody.
        const reader = /room|floor|dashboard/.test(row.operation) ? undefined : who
        const text = JSON.stringify(ack)
        content.look(`${row.operation} (${relation})`, reader === undefined ? withoutNames(text) : text, reader)
        return expected
      })
    }
    const { host, people } = town
    const { open, busy, private: hidden } = things.meeting('owner')
    for (const target of [open!, busy!, hidden!]) await retitle(host.token, target)
    for (const who of PEOPLE) await retitle(town.tokens[who] as string, things.meeting(who)['own']!)
    await retitle(people.stranger.token, things.meeting('stranger')['foreign']!)
    await eventually(() => {
      const deaf = PEOPLE.find(
        (who) => !JSON.stringify(heard.get(who)).includes(`${things.meeting(who)['own']!.mark} anew`),
      )
      return Promise.resolve(deaf && `${deaf} has not heard of his own meeting`)
    })
    for (const [who, items] of heard) {
      for (const item of items as { topic: string }[]) {
        const isBlind = /^(room|floor|dashboard):/.test(item.topic)
        content.look(`news of ${item.topic}`, JSON.stringify(item), isBlind ? undefined : who)
      }
    }
    expectNone(content, 200)
  }, 120_000)

  test('are in no mail but to who may read them, and a mail server’s password is in none', async () => {
    const mails: Mail[] = []
    const { api } = town
    const smtp = createSmtp({
      url: `smtp://convoke:${SMTP_PASSWORD}@127.0.0.1:1`,
      from: 'Convoke <convoke@example.org>',
    })
    const given = { ...api.deps, publicUrl: 'https://meet.example.org', applicationKey: APPLICATION_KEY }
    const nowhere = { allow: new Set<string>(), resolve: async () => [{ address: '10.0.0.1', family: 4 }] }
    const jobs = [
      announcementJob(given),
      mailJob({
        ...given,
        handIn: (mail, signal) => {
          mails.push(mail)
          return smtp(mail, signal)
        },
      }),
      createFeedJob({ ...given, ...nowhere }),
    ]
    await using running = openJobs({
      ...given,
      redisUrl: town.redisUrl,
      jobs,
      relayPool: api.database.relay,
      metrics: new Registry(),
    })
    await running.settle()
    for (const who of PEOPLE) await inviteAgain(who)
    await running.settle()
    // What has happened is told a while later, when it has come to rest.
    api.clock.now = plus(api.clock.now, 5 * MINUTE_MS)
    await eventually(async () => {
      await running.settle()
      return mails.length < PEOPLE.length ? `${mails.length} mails` : undefined
    })
    for (const mail of mails) {
      const reader = PEOPLE.find((who) => town.people[who].email === mail.to) ?? mail.to
      content.look(`a mail to ${reader}`, JSON.stringify(mail), reader)
    }
    // What went wrong is told to people, too.
    for (const path of ['/notifications/history', '/calendar/integrations', '/jobs/dead']) {
      const { body } = await api.call('GET', path, { token: town.tokens.owner })
      content.look(path, JSON.stringify(body), 'owner')
    }
    const { own } = things.integration('owner')
    const health = await api.call('GET', `/calendar/integrations/${own!.id}/health`, { token: town.tokens.owner })
    content.look('the health of a calendar', JSON.stringify(health.body), 'owner')
    expectNone(content, 10)
  }, 120_000)

  test('are in no log line, no metric and no page', async () => {
    expect(lines.length).toBeGreaterThan(100)
    for (const line of lines) content.look(`a log line: ${line.slice(0, 120)}`, line)
    const metrics = await town.api.call('GET', '/metrics', SCRAPE)
    content.look('metrics', expectStatus(metrics, 200).body)
    content.look('metrics', await town.metrics.metrics())
    content.look('/openapi.json', JSON.stringify((await town.api.call('GET', '/openapi.json')).body))
    expectNone(content, 100)
  })

  test('that open doors are in no table and in no key of Redis', async () => {
    for await (const [table, rows] of rowsOf(town)) secrets.look(table, rows)
    for await (const [key, value] of keysOf(town.redisUrl)) secrets.look(`Redis ${key}`, value)
    expectNone(secrets, 30)
  })
})

/** One without a session stands for all of them, and what is nowhere has nothing to tell. */
function isTelling({ who, relation }: Cell): boolean {
  return who !== 'expired' && who !== 'revoked' && relation !== 'guessed'
}

/** Nothing was found where it must not be, and enough was looked at since the last time. */
let before = 0
let leaks = 0
function expectNone(search: Search, places: number): void {
  const found = search.leaks.splice(0)
  leaks += found.length
  expect([...new Set(found)].slice(0, 20)).toEqual([])
  const all = content.places + secrets.places
  expect(all - before).toBeGreaterThan(places)
  before = all
}

/** Open, in whatever way it goes for this person. */
async function document(who: Principal, meetingId: string): Promise<DocClient> {
  const token = town.tokens[who] ?? ''
  const client = new DocClient({ url: town.url, docId: `meeting:${meetingId}`, token, acks: true })
  await client.until(() => client.provider.synced || client.closes.some((code) => code >= 4_400), 'open or closed')
  return client
}

async function retitle(token: string, { id, mark }: { id: string; mark: string }): Promise<void> {
  const headers = { 'if-match': '*' }
  expectStatus(await town.api.call('PUT', `/meetings/${id}`, { token, headers, body: { title: `${mark} anew` } }), 200)
}

/** A meeting under a title that only this person and that guest may read. */
async function inviteAgain(who: Principal): Promise<void> {
  const { mark } = things.meeting(who)['attends']!
  const span = { startTime: town.at(3_000), endTime: town.at(3_060), timezone: 'UTC' }
  const participants = [{ userId: town.people[who].id }, { email: `${mark}@guests.example.org` }]
  const body = { ...span, title: mark, description: mark, visibility: 'participants', participants }
  expectStatus(await town.api.call('POST', '/meetings', { token: town.host.token, body }), 201)
}

/** Names of rooms, floors and buildings belong to a room's own state. */
function withoutNames(json: string): string {
  return json.replaceAll(/"(name|building|equipment)":("[^"]*"|\[[^\]]*\])/g, '')
}

async function openPairing(): Promise<string> {
  const { beside } = things.room('owner')
  const body = { roomId: beside!.id }
  return expectStatus(await town.api.call('POST', '/auth/devices/pair', { token: town.tokens.owner, body }), 201).body
    .code
}

/** Socket tickets and keyed repeats; on the way somebody guesses a password, and somebody's address is given one. */
async function tickets(): Promise<string[]> {
  const { call } = town.api
  const token = town.tokens.owner
  const headers = { 'idempotency-key': 'planted' }
  const user = { email: `new-${unique()}@example.org`, firstName: 'N', lastName: 'N', password: WRONG_PASSWORD }
  expectStatus(await call('POST', '/users', { token, headers, body: user }), 201)
  const feed = expectStatus(
    await call('POST', '/calendar/feeds', { token, headers, body: { kind: 'person' } }),
    201,
  ).body
  await call('POST', '/auth/login', { body: { email: town.people.owner.email, password: WRONG_PASSWORD } })
  const mine = { token: town.host.token, body: {} }
  const { ticket } = expectStatus(await call('POST', '/auth/socket-ticket', mine), 201).body
  return [ticket.split('.').at(-1), /feeds\/([^/]+)\.ics$/.exec(feed.url)?.[1] as string]
}
