import type { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentOfReplica } from '../../testkit/doc-client.ts'
import { type DocsNode, type DocsRig, openDocsRig } from '../../testkit/docs-rig.ts'

let rig: DocsRig
let one: DocsNode
let two: DocsNode
beforeAll(async () => {
  rig = await openDocsRig()
  ;[one, two] = await Promise.all([rig.node(), rig.node()])
})
afterAll(async () => {
  await Promise.all([one, two].map((node) => node?.[Symbol.asyncDispose]()))
  await rig?.[Symbol.asyncDispose]()
})

describe('A document on two nodes', () => {
  test('begins with the title, description and schedule of its meeting, once, however many open it at once', async () => {
    const { id } = await rig.meeting({ title: 'Budget 🚀', description: 'Numbers' })
    const docId = `meeting:${id}`
    const clients = await Promise.all([one, two, one, two].map((node) => node.client(docId).synced()))
    for (const client of clients) {
      expect([client.title, client.description]).toEqual(['Budget 🚀', 'Numbers'])
      expect(client.doc.getMap('schedule').toJSON()).toMatchObject({
        start: '2026-11-24T10:00:00Z',
        end: '2026-11-24T11:00:00Z',
        timezone: 'UTC',
        rooms: [],
        status: 'confirmed',
      })
    }
    const [counted] = await rig.rows<{ n: string }>('SELECT count(*) AS n FROM doc_update WHERE doc_id = $1', [docId])
    expect(counted?.n).toBe('1')
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
  })

  test('carries what is typed to the other node, and acknowledges it as relayed, logged and stored', async () => {
    const { id } = await rig.meeting()
    await using here = one.client(`meeting:${id}`, undefined, { acks: true })
    await using there = two.client(`meeting:${id}`)
    await Promise.all([here.synced(), there.synced()])
    here.type(' and more')
    here.type('!')
    await there.until(() => there.description === 'Numbers and more!')
    await here.until(() => here.acked('stored', 2))
    expect(here.acks.filter(({ upto }) => upto === 2).map(({ kind }) => kind)).toEqual(['relayed', 'logged', 'stored'])
    there.type('Small ', 0)
    await here.until(() => here.description === 'Small Numbers and more!')
    expect(contentOfReplica(here.doc)).toBe(contentOfReplica(there.doc))
  })
})

describe('Rights in a document', () => {
  test('somebody who may only read receives, and is told once that his edits are dropped', async () => {
    const { id } = await rig.meeting()
    const reader = await rig.person()
    await using writer = one.client(`meeting:${id}`)
    await using silent = two.client(`meeting:${id}`, reader.accessToken, { acks: true })
    await Promise.all([writer.synced(), silent.synced()])
    silent.type(' forged')
    silent.type(' again')
    writer.type(' real')
    await silent.until(() => silent.description.includes(' real'))
    await silent.until(() => silent.denials.length > 0)
    await using late = one.client(`meeting:${id}`)
    await late.synced()
    expect(late.description).toBe('Numbers real')
    expect(silent.denials).toEqual(['You may read this document, not edit it.'])
    expect([silent.closes, silent.acks]).toEqual([[], []])
  })

  test('who is invited may edit from then on, what he wrote before included; who is removed is sent away within a second', async () => {
    const { id, version } = await rig.meeting({ visibility: 'organization' })
    const guest = await rig.person()
    await using his = two.client(`meeting:${id}`, guest.accessToken)
    await using mine = one.client(`meeting:${id}`)
    await Promise.all([his.synced(), mine.synced()])
    his.type(' too early')
    await his.until(() => his.denials.length === 1)
    const change = (body: object) => rig.api.call('PUT', `/meetings/${id}`, { token: rig.founder.accessToken, body })
    await change({ version, participants: [{ userId: guest.user.id }], visibility: 'participants' })
    await mine.until(() => mine.description === 'Numbers too early')
    his.type(' and late')
    await mine.until(() => mine.description === 'Numbers too early and late')
    await change({ version: version + 1, participants: [] })
    await his.until(() => his.closes.length === 1, 'he is sent away', 1_000)
    expect(his.closes).toEqual([4403])
    expect(his.provider.shouldConnect).toBe(false)
    await using again = two.client(`meeting:${id}`, guest.accessToken)
    await again.until(() => again.closes.length === 1)
    expect(again.closes).toEqual([4403])
  })

  test('a session that is revoked ends on every node within a second', async () => {
    const { id } = await rig.meeting()
    const person = await rig.person()
    await using here = one.client(`meeting:${id}`, person.accessToken)
    await using there = two.client(`meeting:${id}`, person.accessToken)
    await Promise.all([here.synced(), there.synced()])
    await rig.api.call('POST', '/auth/logout', {
      token: person.accessToken,
      body: { refreshToken: person.refreshToken },
    })
    const began = performance.now()
    await Promise.all([here, there].map((client) => client.until(() => client.closes.length === 1)))
    expect(performance.now() - began).toBeLessThan(1_000)
    expect([here.closes, there.closes]).toEqual([[4401], [4401]])
    expect(here.provider.shouldConnect).toBe(false)
  })

  test('what is not there, not for this person or of another organisation closes alike, and for good', async () => {
    const { id } = await rig.meeting({ visibility: 'participants' })
    const [colleague, stranger] = [await rig.person(), await rig.api.register()]
    const asked = [
      one.client(`meeting:${id}`, colleague.accessToken),
      one.client(`meeting:${id}`, stranger.accessToken),
      one.client(`meeting:${id}:20300101T000000`),
      one.client('meeting:00000000-0000-7000-8000-000000000000'),
      one.client('budget'),
      one.client('%E0%A4%A'),
    ]
    await Promise.all(asked.map((client) => client.until(() => client.closes.length === 1)))
    expect(asked.map(({ closes }) => closes)).toEqual(asked.map(() => [4403]))
    await using nobody = one.client(`meeting:${id}`, 'forged')
    await nobody.until(() => nobody.closes.length === 1)
    expect(nobody.closes).toEqual([4401])
    await Promise.all(asked.map((client) => client[Symbol.asyncDispose]()))
  })
})

describe('What reaches an open document', () => {
  test('a title that came by REST is there within a second, on every node, also with Redis away', async () => {
    const { id, version } = await rig.meeting()
    await using here = one.client(`meeting:${id}`)
    await using there = two.client(`meeting:${id}`)
    await Promise.all([here.synced(), there.synced()])
    await rig.redis.kill()
    const body = { version, title: 'Budget 2027' }
    await rig.api.call('PUT', `/meetings/${id}`, { token: rig.founder.accessToken, body })
    await Promise.all(
      [here, there].map((client) => client.until(() => client.title === 'Budget 2027', 'the title', 1_000)),
    )
    await rig.redis.start()
  })

  test('a frame that is no update ends its connection and nothing else', async () => {
    const { id } = await rig.meeting()
    await using good = one.client(`meeting:${id}`)
    await using bad = one.client(`meeting:${id}`)
    await Promise.all([good.synced(), bad.synced()])
    bad.provider.ws?.send(Buffer.from([0, 2, 3, 9, 9, 9]))
    await bad.until(() => bad.closes.length === 1)
    expect(bad.closes).toEqual([1007])
    await bad.synced()
    bad.type('!')
    await good.until(() => good.description === 'Numbers!')
  })

  test('cursors of others are seen on both nodes, and go with their connection', async () => {
    const { id } = await rig.meeting()
    await using watcher = two.client(`meeting:${id}`)
    await watcher.synced()
    const names = () =>
      Array.from(watcher.provider.awareness.getStates().values(), (state) => String(state['name'])).toSorted()
    const [here, there] = [one.client(`meeting:${id}`), two.client(`meeting:${id}`)]
    here.provider.awareness.setLocalState({ name: 'Here' })
    there.provider.awareness.setLocalState({ name: 'There' })
    watcher.provider.awareness.setLocalState({ name: 'Watcher' })
    await watcher.until(() => names().join() === 'Here,There,Watcher', 'all are seen')
    await using late = one.client(`meeting:${id}`)
    await late.until(() => late.provider.awareness.getStates().size === 4, 'who comes late sees them')
    // Without a word, as a machine that loses its power.
    ;(here.provider.ws as unknown as WebSocket).terminate()
    here.provider.shouldConnect = false
    await there[Symbol.asyncDispose]()
    await watcher.until(() => names().join() === 'Watcher', 'those who left are gone')
    await here[Symbol.asyncDispose]()
  })

  test('more than two hundred updates a second are slowed down, not lost', async () => {
    const { id } = await rig.meeting()
    await using fast = one.client(`meeting:${id}`, undefined, { acks: true })
    await using other = two.client(`meeting:${id}`)
    await Promise.all([fast.synced(), other.synced()])
    const began = performance.now()
    // What is read at once is taken; then nothing more is read until it is paid.
    for (let i = 0; i < 900; i++) fast.type('x')
    await fast.until(() => fast.acked('relayed', 900), 'all are relayed')
    fast.type('y')
    await fast.until(() => fast.acked('stored', 901), 'all are stored')
    expect(performance.now() - began).toBeGreaterThan(1_000)
    await other.until(() => other.description === `Numbers${'x'.repeat(900)}y`)
  })
})

describe('A node that stops', () => {
  test('stores what was said, closes with 1012, and the stock client goes on elsewhere', async () => {
    const { id } = await rig.meeting()
    const node = await rig.node()
    await using client = node.client(`meeting:${id}`, undefined, { acks: true })
    await client.synced()
    const slow = await rig.owner.connect()
    await slow.query('BEGIN')
    await slow.query('SELECT FROM doc WHERE id = $1 FOR UPDATE', [`meeting:${id}`])
    for (let i = 0; i < 20; i++) client.type('.')
    await client.until(() => client.acked('relayed', 20))
    const stopped = node[Symbol.asyncDispose]()
    const left = client.until(() => client.closes.length > 0, 'it is sent away', 1_700)
    await expect(left, 'before its edits are stored').rejects.toThrow()
    await slow.query('COMMIT')
    slow.release()
    await stopped
    await client.until(() => client.closes.length > 0)
    expect(client.closes[0]).toBe(1012)
    expect(client.acked('stored', 20, 0)).toBe(true)
    await using next = one.client(`meeting:${id}`)
    await next.synced()
    expect(next.description).toBe(client.description)
  })
})
