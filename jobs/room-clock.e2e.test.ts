import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unique } from '../testkit/api.ts'
import { TestNetwork } from '../testkit/network.ts'

let network: TestNetwork
let owner: pg.Pool
beforeAll(async () => {
  network = await TestNetwork.open()
  owner = new pg.Pool({ connectionString: network.database.url, max: 1 })
})
afterAll(async () => {
  await owner.end()
  await network[Symbol.asyncDispose]()
})

test('nobody comes: the worker releases the room by itself, and room, floor and dashboard hear of it within a second', async () => {
  const { accessToken: token, user } = await post('/auth/register', {
    ...{ email: `${unique()}@example.org`, password: 'correct horse battery', organization: `Org ${unique()}` },
    ...{ firstName: 'Olga', lastName: 'Owner' },
  })
  const { rows } = await owner.query('SELECT organization_id AS id FROM users WHERE id = $1', [user.id])
  const organization = rows[0].id as string
  const floorId = await makeFloor(organization)
  const bookingRules = { checkInRequired: true, graceMinutes: 0, warnMinutes: 0 }
  const room = await post('/rooms', { name: 'Aurora', capacity: 4, floorId, bookingRules }, token)

  const client = network.socket(token)
  const [roomTopic, floor, dashboard] = [`room:${room.id}`, `floor:${floorId}`, `dashboard:rooms:${organization}`]
  await Promise.all([roomTopic, floor, dashboard].map((topic) => client.watch(topic)))

  const start = Date.now() + 2_000
  const times = { startTime: new Date(start).toISOString(), endTime: new Date(start + 3_600_000).toISOString() }
  await post('/meetings', { title: 'Secret plan', ...times, timezone: 'UTC', roomIds: [room.id] }, token)
  const types = (topic: string) => client.items.filter((item) => item.topic === topic).map((item) => item.type)
  await client.until(() => types(roomTopic).includes('room.released'), 'the room is released', 10_000)
  const released = client.items.find((item) => item.type === 'room.released')
  expect(released?.data).toMatchObject({ roomId: room.id, reason: 'no_show', state: { status: 'free', current: null } })
  expect(Date.parse(released?.at ?? '') - start).toBeLessThan(1_000)
  expect(types(roomTopic)).toEqual(['room.booked', 'room.reserved', 'room.release_warned', 'room.released'])

  const ack = await client.socket.emitWithAck('room.walkUp', { roomId: room.id, minutes: 15 })
  expect(ack).toMatchObject({
    ok: true,
    state: { status: 'checked_in', current: { title: 'Walk-up', checkIn: 'done' } },
  })
  await network.settle(client)
  const walkedUp = client.items.findLast((item) => item.topic === roomTopic)
  for (const topic of [floor, dashboard]) {
    const last = client.items.findLast((item) => item.topic === topic)
    expect(last?.type).toBe(`${topic.slice(0, topic.indexOf(':'))}.changed`)
    expect(Date.parse(last?.at ?? '') - Date.parse(walkedUp?.at ?? ''), topic).toBeLessThan(1_000)
  }
  expect(client.faults).toEqual([])
  expect(JSON.stringify(client.items)).not.toMatch(/Secret plan|Olga/)
})

async function post(path: string, body: object, token?: string) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const answer = await fetch(`${network.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  const json = (await answer.json()) as any
  if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(json)}`)
  return path === '/meetings' ? json.meeting : json
}

async function makeFloor(organization: string): Promise<string> {
  const [building, floor] = [randomUUID(), randomUUID()]
  await owner.query(`INSERT INTO building VALUES ($1, $2, 'House', NULL, 'UTC')`, [organization, building])
  await owner.query(`INSERT INTO floor VALUES ($1, $2, $3, 'First', 1)`, [organization, floor, building])
  return floor
}
