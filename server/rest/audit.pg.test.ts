import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sealRowsOnce } from '../../db/audit/seal-rows.ts'
import { HOUR_MS, plus } from '../../domain/time/instant.ts'
import { type SignedIn, type TestApi, openTestApi, unique } from '../../testkit/api.ts'
import { auditRoutes } from './audit.ts'
import { authRoutes } from './auth.ts'
import { roomsRoutes } from './rooms.ts'
import { usersRoutes } from './users.ts'

let api: TestApi
let owner: SignedIn
beforeAll(async () => {
  api = await openTestApi((deps) => [
    ...authRoutes(deps),
    ...usersRoutes(deps),
    ...roomsRoutes(deps),
    ...auditRoutes(deps),
  ])
  owner = await api.register()
})
afterAll(() => api[Symbol.asyncDispose]())

const get = (path: string, token = owner.accessToken) => api.call('GET', path, { token })

async function addRoom(): Promise<string> {
  const body = { name: `Room ${unique()}`, capacity: 4 }
  return (await api.call('POST', '/rooms', { token: owner.accessToken, body })).body.id
}

async function signedInAs(role: string): Promise<string> {
  const email = `${unique()}@example.org`
  const person = { email, password: 'a good password', firstName: 'P', lastName: 'P', role }
  await api.call('POST', '/users', { token: owner.accessToken, body: person })
  return (await api.call('POST', '/auth/login', { body: { email, password: person.password } })).body.accessToken
}

async function sealAll(): Promise<void> {
  while ((await sealRowsOnce(api.database.relay))?.count !== 0);
}

describe('GET /audit', () => {
  test('tells in ids who did what, the newest first, and the link once it is sealed', async () => {
    const roomId = await addRoom()
    const [before] = (await get('/audit?limit=1')).body.items
    expect(before).toMatchObject({ action: 'room.create', subjectId: roomId, actorId: owner.user.id, seal: null })
    await sealAll()
    const [after] = (await get('/audit?limit=1')).body.items
    expect(after).toEqual({
      ...before,
      seal: { seq: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })

  test('filters by person, action, subject and time, and pages without losing one', async () => {
    const from = new Date(api.clock.now).toISOString()
    api.clock.now = plus(api.clock.now, HOUR_MS / 10)
    const rooms = [await addRoom(), await addRoom(), await addRoom()]
    const window = `action=room.create&actorId=${owner.user.id}&from=${new Date(api.clock.now).toISOString()}`
    const first = (await get(`/audit?${window}&limit=2`)).body
    const second = (await get(`/audit?${window}&limit=2&cursor=${first.nextCursor}`)).body
    const found = [...first.items, ...second.items].map((item) => item.subjectId)
    expect(found).toEqual(rooms.toReversed())
    expect(second.nextCursor).toBeNull()
    const ofOne = (await get(`/audit?subjectId=${rooms[1]}`)).body.items
    expect(ofOne).toHaveLength(1)
    expect((await get(`/audit?subjectId=${rooms[1]}&to=${from}`)).body.items).toEqual([])
  })

  test('is for owners, admins and auditors of the organisation', async () => {
    for (const path of ['/audit', '/audit/verify']) {
      for (const role of ['admin', 'auditor']) expect((await get(path, await signedInAs(role))).status).toBe(200)
      for (const role of ['room_manager', 'member', 'guest']) {
        expect((await get(path, await signedInAs(role))).status).toBe(403)
      }
    }
    const other = await api.register()
    const subjects = (await get('/audit?limit=500', other.accessToken)).body.items.map(
      (item: { actorId: string }) => item.actorId,
    )
    expect(new Set(subjects)).toEqual(new Set([other.user.id]))
  })

  test('refuses what it does not understand', async () => {
    for (const query of ['from=yesterday', 'actorId=me', 'limit=501', 'who=me', 'cursor=xx']) {
      expect((await get(`/audit?${query}`)).status).toBe(422)
    }
    for (const query of ['seq=1', 'head=ff', 'after=-1', 'after=1e30', `head=${'0'.repeat(64)}`]) {
      expect((await get(`/audit/verify?${query}`)).status, query).toBe(422)
    }
  })
})

describe('GET /audit/verify', () => {
  test('follows the chain to its end, and from a link that was seen before', async () => {
    await addRoom()
    await sealAll()
    const { status, body } = await get('/audit/verify')
    expect(status).toBe(200)
    expect(body).toMatchObject({ ok: true, complete: true, unsealed: 0 })
    expect(body.head.seq).toBe(body.checked)
    await addRoom()
    await sealAll()
    const { seq, hash } = body.head
    const next = (await get(`/audit/verify?after=${seq}&seq=${seq}&head=${hash}`)).body
    expect(next).toMatchObject({ ok: true, complete: true, checked: 1, verifiedUntil: seq + 1 })
    const wrong = (await get(`/audit/verify?seq=${seq}&head=${'0'.repeat(64)}`)).body
    expect(wrong).toMatchObject({ ok: false, firstProblem: { seq, kind: 'rewritten' } })
  })
})
