import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type SignedIn, type TestApi, openTestApi, unique } from '../../testkit/api.ts'
import { authRoutes } from './auth.ts'
import { placesRoutes } from './places.ts'
import { roomsRoutes } from './rooms.ts'
import { usersRoutes } from './users.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'

let api: TestApi
let owner: SignedIn
let guest: string
let floorId: string
beforeAll(async () => {
  api = await openTestApi((deps) => [
    ...authRoutes(deps),
    ...usersRoutes(deps),
    ...roomsRoutes(deps),
    ...placesRoutes(deps),
  ])
  owner = await api.register()
  const email = `${unique()}@example.org`
  const person = { email, password: 'a good password', firstName: 'G', lastName: 'G', role: 'guest' }
  await api.call('POST', '/users', { token: owner.accessToken, body: person })
  guest = (await api.call('POST', '/auth/login', { body: { email, password: person.password } })).body.accessToken
  floorId = await addFloor(owner)
})
afterAll(() => api[Symbol.asyncDispose]())

const token = () => owner.accessToken
function add(given: object = {}, by = token()): Promise<Answer> {
  return api.call('POST', '/rooms', { token: by, body: { name: `Room ${unique()}`, capacity: 8, ...given } })
}

/** A building with one floor, made by the owner of the store: there is no door for it yet. */
async function addFloor({ user }: SignedIn): Promise<string> {
  const client = new pg.Client(api.database.url)
  await client.connect()
  const [building, floor] = [api.deps.newId(), api.deps.newId()]
  const org = '(SELECT organization_id FROM users WHERE id = $1)'
  await client.query(`INSERT INTO building VALUES (${org}, $2, 'North', NULL, 'Europe/Berlin')`, [user.id, building])
  await client.query(`INSERT INTO floor VALUES (${org}, $2, $3, 'Ground', 0), (${org}, $4, $3, 'First', 1)`, [
    user.id,
    floor,
    building,
    api.deps.newId(),
  ])
  await client.end()
  return floor
}

describe('POST /rooms', () => {
  test('adds a room with everything, readable by everybody', async () => {
    const given = {
      name: 'Aurora',
      capacity: 12,
      location: 'behind the stairs',
      floorId,
      equipment: ['Projector', 'Whiteboard'],
      amenities: ['daylight'],
      bookingRules: { bufferBeforeMinutes: 5, maxDurationMinutes: 240, allowRecurring: false },
    }
    const created = await add(given)
    expect(created).toMatchObject({ status: 201, body: { ...given, isActive: true, version: 1 } })
    expect(created.headers.get('location')).toBe(`/rooms/${created.body.id}`)
    const read = await api.call('GET', `/rooms/${created.body.id}`, { token: guest })
    expect(read.body).toEqual(created.body)
    const cached = await api.call('GET', `/rooms/${created.body.id}`, {
      token: guest,
      headers: { 'if-none-match': '"1.0"' },
    })
    expect(cached.status).toBe(304)
  })

  test('makes missing equipment and keeps the spelling that is known, also when ten name it at once', async () => {
    const kind = `Beamer ${unique()}`
    expect((await add({ equipment: [kind] })).body.equipment).toEqual([kind])
    expect((await add({ equipment: [kind.toUpperCase(), kind] })).body.equipment).toEqual([kind])
    const fresh = `Screen ${unique()}`
    const more = `Camera ${unique()}`
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => add({ equipment: i % 2 ? [fresh, more] : [more, fresh] })),
    )
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(10).fill(201))
    const { items } = (await api.call('GET', '/equipment?limit=500', { token: token() })).body
    const names = items.map((item: { name: string }) => item.name)
    for (const name of [kind, fresh, more]) expect(names.filter((found: string) => found === name)).toHaveLength(1)
  })

  test('refuses a taken name, a floor of another organisation, and what its rules do not take', async () => {
    const { body } = await add()
    expect(await add({ name: body.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } })
    const theirs = await addFloor(await api.register())
    for (const foreign of [NOBODY, theirs]) {
      expect(await add({ floorId: foreign })).toMatchObject({ status: 422, body: { code: 'unknown_reference' } })
    }
    const rules = [{ bufferBeforeMinutes: 121 }, { bufferAfterMinutes: -1 }, { unknown: 1 }, { horizonDays: 0.5 }]
    for (const bookingRules of rules) expect((await add({ bookingRules })).status).toBe(422)
    for (const bad of [
      { capacity: 0 },
      { capacity: 10_001 },
      { name: ' ' },
      { equipment: ['a\nb'] },
      { isActive: 1 },
    ]) {
      expect((await add(bad)).status).toBe(422)
    }
  })

  test('is for owners, admins and room managers; rights come before the body', async () => {
    expect(await add({}, guest)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await add({ capacity: 'many' }, guest)).toMatchObject({ status: 403 })
  })
})

describe('PUT /rooms/:id', () => {
  const put = (id: string, by: string | undefined, body: unknown, headers = {}) =>
    api.call('PUT', `/rooms/${id}`, { token: by, body, headers })

  test('changes what is sent and tells the room’s topic, without any text', async () => {
    const { id } = (await add({ location: 'old wing' })).body
    const body = { bookingRules: { bufferAfterMinutes: 15 }, isActive: false, location: null, version: 1 }
    const changed = await put(id, token(), body)
    expect(changed).toMatchObject({ status: 200, body: { ...body, capacity: 8, version: 2 } })
    const { rows } = await api.database.relay.query('SELECT type, seq, data FROM outbox WHERE topic = $1', [
      `room:${id}`,
    ])
    const fields = ['bookingRules', 'isActive', 'location']
    expect(rows).toEqual([
      { type: 'room.updated', seq: 1, data: { roomId: id, version: 2, isActive: false, fields: expect.any(Array) } },
    ])
    expect(new Set(rows[0].data.fields)).toEqual(new Set(fields))
  })

  test('answers in the contract’s order: 401, 404, 403, 422, 428, 412, 409', async () => {
    const { id } = (await add()).body
    const { name } = (await add()).body
    const theirs = (await add({}, (await api.register()).accessToken)).body.id
    const bad = { capacity: 'many' }
    expect((await put(id, undefined, bad)).status).toBe(401)
    for (const body of [bad, { capacity: 9 }]) {
      for (const hidden of [NOBODY, theirs, 'x']) expect((await put(hidden, guest, body)).status).toBe(404)
      expect((await put(id, guest, body)).status).toBe(403)
    }
    expect((await put(id, token(), bad)).status).toBe(422)
    expect(await put(id, token(), { floorId: NOBODY })).toMatchObject({
      status: 422,
      body: { code: 'unknown_reference' },
    })
    expect((await put(id, token(), { name })).status).toBe(428)
    const stale = await put(id, token(), { name, version: 3 })
    expect(stale).toMatchObject({ status: 412, body: { code: 'stale', current: { id, version: 1 } } })
    expect(await put(id, token(), { name, version: 1 })).toMatchObject({ status: 409, body: { code: 'name_taken' } })
    expect((await put(id, token(), { capacity: 9 }, { 'if-match': '"1.7"' })).status).toBe(200)
  })
})

describe('GET /rooms', () => {
  test('filters and pages in the order of names', async () => {
    const fresh = await api.register()
    const by = fresh.accessToken
    const floor = await addFloor(fresh)
    await add({ name: 'C', capacity: 4, equipment: ['TV', 'Phone'] }, by)
    await add({ name: 'A', capacity: 20, floorId: floor, equipment: ['TV'] }, by)
    const { id } = (await add({ name: 'B', capacity: 10 }, by)).body
    await put(id, by)
    const names = async (query: string) =>
      (await api.call('GET', `/rooms?${query}`, { token: by })).body.items.map((room: { name: string }) => room.name)
    expect(await names('')).toEqual(['A', 'B', 'C'])
    expect(await names('capacity=10')).toEqual(['A', 'B'])
    expect(await names('active=true')).toEqual(['A', 'C'])
    expect(await names('active=false')).toEqual(['B'])
    expect(await names(`floorId=${floor}`)).toEqual(['A'])
    expect(await names('equipment=TV')).toEqual(['A', 'C'])
    expect(await names('equipment=TV,Phone')).toEqual(['C'])
    expect(await names('equipment=TV&equipment=Phone&capacity=5')).toEqual([])
    const page = await api.call('GET', '/rooms?limit=2', { token: by })
    expect(await names(`limit=2&cursor=${page.body.nextCursor}`)).toEqual(['C'])
  })

  function put(id: string, by: string): Promise<Answer> {
    return api.call('PUT', `/rooms/${id}`, { token: by, body: { isActive: false, version: 1 } })
  }
})

test('places list buildings, floors from the ground up, and show nothing of another organisation', async () => {
  const get = async (path: string, by = token()) => (await api.call('GET', path, { token: by })).body.items
  const [building] = await get('/buildings')
  expect(building).toMatchObject({ name: 'North', timezone: 'Europe/Berlin', address: null })
  const floors = await get(`/floors?buildingId=${building.id}`)
  expect(floors).toMatchObject([{ id: floorId, level: 0 }, { level: 1 }])
  const first = await api.call('GET', '/floors?limit=1', { token: token() })
  const second = await get(`/floors?limit=1&cursor=${first.body.nextCursor}`)
  expect(second).toMatchObject([{ level: 1, buildingId: building.id }])
  const { accessToken } = await api.register()
  for (const path of ['/buildings', '/floors', '/equipment', `/floors?buildingId=${building.id}`]) {
    expect(await get(path, accessToken)).toEqual([])
  }
})
