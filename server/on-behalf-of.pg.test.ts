import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, type SignedIn, type TestApi, openTestApi, unique } from '../testkit/api.ts'
import { type TestGraph, openTestGraph } from '../testkit/graph.ts'
import { auditRoutes } from './rest/audit.ts'
import { authRoutes } from './rest/auth.ts'
import { calendarsRoutes } from './rest/calendars.ts'
import { meetingAnswersRoutes } from './rest/meeting-answers.ts'
import { meetingsRoutes } from './rest/meetings.ts'
import { sessionsRoutes } from './rest/sessions.ts'
import { userTimeRoutes } from './rest/user-time.ts'
import { usersRoutes } from './rest/users.ts'

interface Person {
  id: string
  token: string
}

let api: TestApi
let graph: TestGraph
let owner: SignedIn
/** Whose calendar it is. */
let chief: Person
/** Who looks after it. */
let aide: Person
let nobody: Person
beforeAll(async () => {
  api = await openTestApi((deps) => [
    ...authRoutes(deps),
    ...usersRoutes(deps),
    ...userTimeRoutes(deps),
    ...meetingsRoutes(deps),
    ...meetingAnswersRoutes(deps),
    ...auditRoutes(deps),
    ...sessionsRoutes(deps),
    ...calendarsRoutes({ ...deps, publicUrl: 'https://meet.example.org' } as never),
  ])
  graph = openTestGraph(api)
  owner = await api.register()
  ;[chief, aide, nobody] = [await person('admin'), await person('member'), await person('member')]
  await name([aide])
})
afterAll(() => api[Symbol.asyncDispose]())

async function person(role: string): Promise<Person> {
  const email = `${unique()}@example.org`
  const body = { email, firstName: 'A', lastName: role, password: PASSWORD, role }
  const { body: user } = await api.call('POST', '/users', { token: owner.accessToken, body })
  const { body: signedIn } = await api.call('POST', '/auth/login', { body: { email, password: PASSWORD } })
  return { id: user.id, token: signedIn.accessToken }
}

const call = (method: string, path: string, by: Person, body?: object, headers: Record<string, string> = {}) =>
  api.call(method, path, { token: by.token, body, headers })
const inName = (of: Person, more: Record<string, string> = {}) => ({ 'on-behalf-of': of.id, ...more })
const name = async (delegates: Person[], by = chief) => {
  const items = delegates.map(({ id }) => ({ userId: id }))
  const named = await call('PUT', `/users/${by.id}/delegates`, by, { items }, { 'if-match': '*' })
  expect(named.status).toBe(200)
}
const MEETING = { startTime: '2026-12-01T09:00:00Z', endTime: '2026-12-01T10:00:00Z', timezone: 'UTC' }
const book = (by: Person, headers: Record<string, string>, given: object = {}) =>
  call('POST', '/meetings', by, { title: 'Board', ...MEETING, visibility: 'participants', ...given }, headers)
const audit = async (subjectId: string) =>
  (await api.call('GET', `/audit?subjectId=${subjectId}`, { token: owner.accessToken })).body.items

describe('a delegate', () => {
  test('books, reads and changes in the name of who made him one, and the record names both', async () => {
    const booked = await book(aide, inName(chief))
    expect(booked).toMatchObject({ status: 201, body: { meeting: { organizer: { id: chief.id } } } })
    const path = `/meetings/${booked.body.meeting.id}`
    expect((await call('GET', path, aide)).status).toBe(404)
    expect((await call('GET', path, aide, undefined, inName(chief))).body.title).toBe('Board')
    const changed = await call('PUT', path, aide, { title: 'Board, again' }, inName(chief, { 'if-match': '*' }))
    expect(changed.status).toBe(200)
    const rows = await audit(booked.body.meeting.id)
    expect(rows).toHaveLength(2)
    for (const row of rows) expect(row).toMatchObject({ actorId: aide.id, onBehalfOf: chief.id })
    const history = await call('GET', `${path}/history`, chief)
    const both = { actor: { id: aide.id, name: 'A member' }, onBehalfOf: { id: chief.id, name: 'A admin' } }
    expect(history.body.items).toMatchObject([
      { action: 'meeting.change', ...both },
      { action: 'meeting.book', ...both },
    ])
    const own = await book(chief, {})
    expect((await audit(own.body.meeting.id))[0]).toMatchObject({ actorId: chief.id, onBehalfOf: null })
  })

  test('over GraphQL as over REST, where he listens to nothing', async () => {
    const query = `mutation { bookMeeting(input: { title: "G", startTime: "2026-12-02T09:00:00Z", endTime: "2026-12-02T10:00:00Z",
      timezone: "UTC" }) { ... on Booked { meeting { id organizer { id } } } } }`
    const { data } = await graph.send(aide.token, { query }, inName(chief))
    expect(data.bookMeeting.meeting.organizer.id).toBe(chief.id)
    expect(await audit(data.bookMeeting.meeting.id)).toMatchObject([{ actorId: aide.id, onBehalfOf: chief.id }])
    const viewer = { query: '{ viewer { id role } }' }
    expect((await graph.send(aide.token, viewer, inName(chief))).data.viewer.id).toBe(chief.id)
    expect((await graph.send(nobody.token, viewer, inName(chief))).status).toBe(403)

    const stream = await graph.request({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${aide.token}`,
        ...inName(chief),
      },
      body: JSON.stringify({ query: `subscription { agendaChanged(userId: "${chief.id}") { topic } }` }),
    })
    expect(await stream.text()).toContain('forbidden')
  })

  test('has the lower of both roles', async () => {
    const body = { email: `${unique()}@example.org`, firstName: 'A', lastName: 'B' }
    expect((await call('POST', '/users', chief, body)).status).toBe(201)
    expect((await call('POST', '/users', aide, body, inName(chief))).status).toBe(403)
    await name([chief], aide)
    expect((await call('POST', '/users', chief, body, inName(aide))).status).toBe(403)
    await name([], aide)
  })

  test('makes nobody else a delegate, changes no role of his own, and gets nothing that opens doors', async () => {
    const refused = (method: string, path: string, body?: object) =>
      call(method, path, aide, body, inName(chief, { 'if-match': '*' }))
    const items = [{ userId: nobody.id }]
    expect((await refused('PUT', `/users/${chief.id}/delegates`, { items })).status).toBe(403)
    expect((await refused('POST', '/calendar/feeds', { kind: 'person' })).status).toBe(403)
    expect((await refused('POST', '/calendar/integrate', { provider: 'ics', url: 'https://a.example' })).status).toBe(
      403,
    )
    for (const [method, path] of [
      ['POST', '/auth/socket-ticket'],
      ['GET', '/auth/sessions'],
      ['GET', '/auth/profile'],
    ]) {
      expect([path, (await refused(method as string, path as string)).status]).toEqual([path, 403])
    }
    const other = await person('admin')
    await name([aide, other])
    const own = { role: 'member', version: 1 }
    expect((await call('PUT', `/users/${other.id}`, other, own, inName(chief))).body.code).toBe('forbidden')
    await name([aide])
  })

  test('is none from the next request on when he is left out, and was never one of anybody else', async () => {
    await name([aide, nobody])
    expect((await call('GET', '/meetings', nobody, undefined, inName(chief))).status).toBe(200)
    await name([aide])
    const late = await book(nobody, inName(chief))
    expect(late).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    const stranger = await api.register()
    for (const of of [nobody.id, aide.id, stranger.user.id, 'somebody', '']) {
      expect([of, (await call('GET', '/meetings', aide, undefined, { 'on-behalf-of': of })).status]).toEqual([of, 403])
    }
  })

  test('sends keys of his own: neither those of his chief nor the same for both', async () => {
    const key = { 'idempotency-key': unique() }
    const [mine, his] = [await book(chief, key), await book(aide, inName(chief, key))]
    expect([mine.status, his.status]).toEqual([201, 201])
    expect(his.body.meeting.id).not.toBe(mine.body.meeting.id)
    expect((await book(aide, inName(chief, key))).body).toEqual(his.body)
    expect((await book(aide, key)).body.code).toBe('idempotency_key_reused')
  })
})
