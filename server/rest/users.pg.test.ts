import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type SignedIn, type TestApi, openTestApi, unique } from '../../testkit/api.ts'
import { authRoutes } from './auth.ts'
import { usersRoutes } from './users.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'
const GOOD = 'a good password'

let api: TestApi
let owner: SignedIn
let stranger: SignedIn
beforeAll(async () => {
  api = await openTestApi((deps) => [...authRoutes(deps), ...usersRoutes(deps)])
  owner = await api.register()
  stranger = await api.register()
})
afterAll(() => api[Symbol.asyncDispose]())

async function add(given: object = {}, token = owner.accessToken): Promise<Answer> {
  const body = { email: `${unique()}@example.org`, firstName: 'Mia', lastName: 'Member', ...given }
  return api.call('POST', '/users', { token, body })
}

/** A person of the owner's organisation, signed in. */
async function member(role: string): Promise<{ id: string; token: string }> {
  const email = `${unique()}@example.org`
  const { body } = await add({ email, role, password: GOOD })
  const answer = await api.call('POST', '/auth/login', { body: { email, password: GOOD } })
  return { id: body.id, token: answer.body.accessToken }
}

describe('POST /users', () => {
  test('adds a person, readable, who can sign in with the given password', async () => {
    const email = `${unique()}@example.org`
    const created = await add({
      email: email.toUpperCase(),
      department: 'Sales',
      password: GOOD,
      timezone: 'Asia/Tokyo',
    })
    expect(created).toMatchObject({ status: 201, body: { email, department: 'Sales', role: 'member', version: 1 } })
    expect(created.headers.get('location')).toBe(`/users/${created.body.id}`)
    const read = await api.call('GET', `/users/${created.body.id}`, { token: owner.accessToken })
    expect(read.body).toEqual(created.body)
    expect(read.headers.get('etag')).toBe('"1.0"')
    const login = await api.call('POST', '/auth/login', { body: { email, password: GOOD } })
    expect(login).toMatchObject({ status: 200, body: { user: { id: created.body.id } } })
  })

  test('without a password the door is there but closed', async () => {
    const email = `${unique()}@example.org`
    expect((await add({ email })).status).toBe(201)
    for (const password of ['!', 'null', 'undefined']) {
      expect((await api.call('POST', '/auth/login', { body: { email, password } })).status).toBe(401)
    }
  })

  test('an address that is taken in the organisation is refused, also by ten at once', async () => {
    const email = `${unique()}@example.org`
    const answers = await Promise.all(Array.from({ length: 10 }, () => add({ email })))
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
    expect(answers.filter((answer) => answer.body.code === 'email_taken')).toHaveLength(9)
  })

  test('an account of another organisation is neither touched nor revealed', async () => {
    const { email } = stranger.user
    const known = await add({ email, password: GOOD, firstName: 'Known' })
    const unknown = await add({ password: GOOD, firstName: 'Known' })
    expect(shapeOf(known)).toEqual(shapeOf(unknown))
    // The password given here opens this organisation only; theirs opens theirs only.
    const organization = owner.organization
    const login = (body: object) => api.call('POST', '/auth/login', { body })
    expect(await login({ email, password: GOOD, organization })).toMatchObject({
      body: { user: { id: known.body.id } },
    })
    expect(await login({ email, password: stranger.password })).toMatchObject({
      body: { user: { id: stranger.user.id } },
    })
    expect((await login({ email, password: GOOD })).status).toBe(401)
    expect((await login({ email, password: GOOD, organization: stranger.organization })).status).toBe(401)
    expect((await login({ email, password: stranger.password, organization })).status).toBe(401)
  })

  test('somebody who was added elsewhere first founds his own organisation, and opens nothing else by it', async () => {
    const email = `${unique()}@example.org`
    await add({ email, password: GOOD })
    const founded = await api.register({ email, password: 'my own password' })
    expect(founded.user.role).toBe('owner')
    const login = (body: object) => api.call('POST', '/auth/login', { body: { email, ...body } })
    expect(await login({ password: 'my own password' })).toMatchObject({ body: { user: { id: founded.user.id } } })
    const { organization } = owner
    expect((await login({ password: 'my own password', organization })).status).toBe(401)
    expect((await login({ password: GOOD, organization })).status).toBe(200)
  })

  test('only owners make owners, only managers make anybody', async () => {
    const admin = await member('admin')
    expect((await add({ role: 'owner' }, admin.token)).status).toBe(403)
    expect((await add({ role: 'admin' }, admin.token)).status).toBe(201)
    for (const role of ['room_manager', 'member', 'guest', 'auditor']) {
      expect((await add({}, (await member(role)).token)).status).toBe(403)
    }
  })

  test('an idempotent repeat answers the same person, in parallel too', async () => {
    const body = { email: `${unique()}@example.org`, firstName: 'A', lastName: 'B', password: GOOD }
    const headers = { 'idempotency-key': unique() }
    const post = () => api.call('POST', '/users', { token: owner.accessToken, body, headers })
    const answers = await Promise.all([post(), post(), post()])
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201])
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
  })

  test('hostile and malformed bodies write nothing', async () => {
    const bodies: object[] = [
      { email: 'not an address' },
      { firstName: '' },
      { firstName: 'a\u0000b' },
      { firstName: 'x'.repeat(101) },
      { role: 'root' },
      { timezone: 'Mars/Base' },
      { id: NOBODY },
      { organizationId: NOBODY },
      { preferences: { a: 'x'.repeat(20_000) } },
      { preferences: { a: '\u0000' } },
      { password: 'short' },
    ]
    for (const body of bodies) {
      const answer = await add(body)
      expect(answer.status, JSON.stringify(body).slice(0, 80)).toBe(422)
      expect(answer.body.code).toBe('timezone' in body ? 'invalid_timezone' : 'invalid_input')
    }
    const named = await add({ firstName: "Robert'); DROP TABLE users;--", lastName: '<script>alert(1)</script>' })
    expect(named).toMatchObject({ status: 201, body: { firstName: "Robert'); DROP TABLE users;--" } })
  })
})

describe('PUT /users/:id', () => {
  test('changes what is sent, moves the version, and tells the person’s topic', async () => {
    const { id } = await member('member')
    const headers = { 'if-match': '"1.0"' }
    const body = { department: 'Ops', preferences: { theme: 'dark' } }
    const changed = await api.call('PUT', `/users/${id}`, { token: owner.accessToken, body, headers })
    expect(changed).toMatchObject({ status: 200, body: { ...body, firstName: 'Mia', version: 2 } })
    expect(changed.headers.get('etag')).toBe('"2.0"')
    const { rows } = await api.database.relay.query('SELECT type, seq, data FROM outbox WHERE topic = $1', [
      `person:${id}`,
    ])
    expect(rows).toMatchObject([{ type: 'user.updated', seq: 1, data: changed.body }])
  })

  test('answers in the contract’s order: 401, 404, 403, 422, 428, 412, 409', async () => {
    const admin = await member('admin')
    const plain = await member('member')
    const other = await member('member')
    const guest = await member('guest')
    const put = (id: string, token: string | undefined, body: unknown, headers = {}) =>
      api.call('PUT', `/users/${id}`, { token, body, headers })
    const bad = { firstName: 7 }
    expect(await put(other.id, undefined, bad)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    for (const body of [bad, { firstName: 'X' }]) {
      expect(await put(NOBODY, admin.token, body)).toMatchObject({ status: 404, body: { code: 'not_found' } })
      expect((await put('not-an-id', admin.token, body)).status).toBe(404)
      expect((await put(stranger.user.id, admin.token, body)).status).toBe(404)
      expect((await put(other.id, guest.token, body)).status).toBe(404)
      expect(await put(other.id, plain.token, body)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    expect((await put(other.id, admin.token, bad)).status).toBe(422)
    expect((await put(other.id, admin.token, { email: 'a@example.org', version: 1 })).status).toBe(422)
    expect((await put(other.id, admin.token, '{')).status).toBe(400)
    expect(await put(other.id, admin.token, { firstName: 'X' })).toMatchObject({
      status: 428,
      body: { code: 'version_required' },
    })
    const stale = await put(other.id, admin.token, { firstName: 'X', version: 7 })
    expect(stale).toMatchObject({ status: 412, body: { code: 'stale', current: { id: other.id, version: 1 } } })
    expect((await put(other.id, admin.token, { firstName: 'X' }, { 'if-match': '"9.0"' })).status).toBe(412)
    expect((await put(other.id, admin.token, { firstName: 'X' }, { 'if-match': '*' })).status).toBe(200)
  })

  test('of ten writers with one version one wins', async () => {
    const { id } = await member('member')
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        api.call('PUT', `/users/${id}`, { token: owner.accessToken, body: { department: `D${i}`, version: 1 } }),
      ),
    )
    expect(statuses(answers)).toEqual([200, ...Array<number>(9).fill(412)])
  })

  test('nobody changes his own role; admins neither make nor unmake owners', async () => {
    const admin = await member('admin')
    const put = (id: string, token: string, role: string) =>
      api.call('PUT', `/users/${id}`, { token, body: { role }, headers: { 'if-match': '*' } })
    expect((await put(owner.user.id, owner.accessToken, 'member')).status).toBe(403)
    expect((await put(admin.id, admin.token, 'owner')).status).toBe(403)
    expect((await put((await member('member')).id, admin.token, 'owner')).status).toBe(403)
    expect((await put(owner.user.id, admin.token, 'member')).status).toBe(403)
    expect((await put((await member('member')).id, admin.token, 'room_manager')).status).toBe(200)
  })

  test('two owners who demote each other at once leave one', async () => {
    const first = await api.register()
    const email = `${unique()}@example.org`
    const made = await add({ email, role: 'owner', password: GOOD }, first.accessToken)
    const second = await api.call('POST', '/auth/login', { body: { email, password: GOOD } })
    const demote = (id: string, token: string) =>
      api.call('PUT', `/users/${id}`, { token, body: { role: 'member', version: 1 } })
    const answers = await Promise.all([
      demote(made.body.id, first.accessToken),
      demote(first.user.id, second.body.accessToken),
    ])
    expect(statuses(answers)).toEqual([200, 409])
    expect(answers.find((answer) => answer.status === 409)?.body.code).toBe('illegal_transition')
  })
})

describe('GET /users', () => {
  test('pages through everybody in the order of names, each once', async () => {
    const { accessToken: token } = await api.register({ lastName: 'Zuse' })
    for (const lastName of ['Cerf', 'Ada', 'Berners', 'Ada', 'Ång']) await add({ lastName }, token)
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await api.call('GET', `/users?limit=2${cursor}`, { token })
      expect(page.status).toBe(200)
      seen.push(...page.body.items.map((user: { lastName: string }) => user.lastName))
      cursor = page.body.nextCursor === null ? '' : `&cursor=${page.body.nextCursor}`
    } while (cursor !== '')
    expect(seen).toEqual(['Ada', 'Ada', 'Berners', 'Cerf', 'Zuse', 'Ång'])
  })

  test('filters by start of name or address, department and role; wildcards are letters', async () => {
    const { accessToken: token } = await api.register({ firstName: 'Olga', lastName: 'Owner' })
    await add(
      { firstName: 'Grace', lastName: 'Hopper', email: `navy-${unique()}@example.org`, department: 'Navy' },
      token,
    )
    await add({ firstName: 'Katherine', lastName: 'Johnson', role: 'auditor' }, token)
    const names = async (query: string) =>
      (await api.call('GET', `/users?${query}`, { token })).body.items.map(
        (user: { lastName: string }) => user.lastName,
      )
    expect(await names('q=hop')).toEqual(['Hopper'])
    expect(await names('q=GRACE')).toEqual(['Hopper'])
    expect(await names('q=navy-')).toEqual(['Hopper'])
    expect(await names('q=%25')).toEqual([])
    expect(await names('department=Navy')).toEqual(['Hopper'])
    expect(await names('role=auditor')).toEqual(['Johnson'])
    expect(await names('q=kat&role=owner')).toEqual([])
  })

  test('a guest sees himself only', async () => {
    const guest = await member('guest')
    const list = await api.call('GET', '/users', { token: guest.token })
    expect(list.body.items.map((user: { id: string }) => user.id)).toEqual([guest.id])
    expect((await api.call('GET', `/users/${owner.user.id}`, { token: guest.token })).status).toBe(404)
  })

  test('refuses a cursor of another list, a limit out of range and an unknown parameter', async () => {
    const get = async (query: string) =>
      (await api.call('GET', `/users?${query}`, { token: owner.accessToken })).body.code
    expect(await get('cursor=abc')).toBe('invalid_cursor')
    expect(await get(`cursor=${Buffer.from('["x"]').toString('base64url')}`)).toBe('invalid_cursor')
    expect(await get('limit=501')).toBe('invalid_input')
    expect(await get('offset=3')).toBe('invalid_input')
  })
})

describe('/auth/profile', () => {
  test('is oneself; a version is checked when it is named', async () => {
    const plain = await member('member')
    const put = (body: object) => api.call('PUT', '/auth/profile', { token: plain.token, body })
    expect(await put({ timezone: 'Europe/Berlin' })).toMatchObject({ status: 200, body: { id: plain.id, version: 2 } })
    expect((await put({ timezone: 'Europe/Paris', version: 1 })).status).toBe(412)
    expect((await put({ role: 'owner' })).status).toBe(422)
    expect((await put({ email: 'a@example.org' })).status).toBe(422)
  })
})

/** An answer without what differs by nature. */
function shapeOf({ status, body }: Answer): object {
  return { status, ...body, id: '', email: '' }
}

function statuses(answers: readonly Answer[]): number[] {
  return answers.map((answer) => answer.status).toSorted((a, b) => a - b)
}
