import { randomBytes, randomUUID } from 'node:crypto'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Judge } from './judge.ts'

export interface Person {
  id: string
  email: string
  token: string
}

export interface Answer {
  /** 0: none came, because the connection broke. */
  status: number
  headers: Headers
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  body: any
  /** From the first byte sent to the last one read. */
  ms: number
}

export interface CallOptions {
  as?: Person
  body?: unknown
  headers?: Record<string, string>
  /** A node of one's choice instead of the balancer. */
  at?: TestNode
}

/** An organisation with people and rooms, founded through the front door. */
export interface Office {
  network: TestNetwork
  owner: Person
  people: Person[]
  /** Ids, in the order of names. */
  rooms: string[]
  /** As the owner unless said otherwise. */
  call: (method: string, path: string, options?: CallOptions) => Promise<Answer>
  /** One more, with a session; `role` is member unless said otherwise. */
  hire: (role?: string) => Promise<Person>
  /** The same person with another session. */
  signIn: (person: Person) => Promise<Person>
  /** The start of a half-hour slot, at least 2 hours ahead; `day` and `slot` count from 0. */
  at: (slot: number, day?: number) => number
}

/** Longer than any answer may take, short enough to name the request that hung. */
const ANSWER_LIMIT_MS = 15_000
const PASSWORD = 'correct horse battery'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export async function foundOffice(network: TestNetwork, { people = 4, rooms = 4 } = {}): Promise<Office> {
  const call = caller(network)
  const email = () => `${randomBytes(6).toString('hex')}@example.org`
  const founder = { email: email(), password: PASSWORD, firstName: 'Olga', lastName: 'Owner' }
  const founded = await call('POST', '/auth/register', { body: { ...founder, organization: `Office ${email()}` } })
  const owner = personOf(expectStatus(founded, 201).body)
  const asOwner: Office['call'] = (method, path, options) => call(method, path, { as: owner, ...options })

  const first = Math.ceil((Date.now() + 2 * HOUR) / HOUR) * HOUR
  return {
    network,
    owner,
    people: await Promise.all(Array.from({ length: people }, (_, i) => hire(asOwner, email(), `P${i}`))),
    rooms: await Promise.all(Array.from({ length: rooms }, (_, i) => makeRoom(asOwner, i))),
    call: asOwner,
    hire: (role = 'member') => hire(asOwner, email(), 'P', role),
    signIn: (person) => logIn(asOwner, person.email),
    at: (slot, day = 0) => first + day * DAY + slot * 30 * MINUTE,
  }
}

/** `startTime` and `endTime` of a meeting of so many half hours. */
export function span(start: number, halfHours = 2) {
  return { startTime: iso(start), endTime: iso(start + halfHours * 30 * MINUTE), timezone: 'UTC' }
}

/** As the product writes instants. */
export function iso(at: number): string {
  return new Date(at).toISOString().replace('.000', '')
}

export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`)
  return answer
}

/** Puts the office's rooms on a floor of a building: nobody but the owner of the store can make these. */
export async function moveIn(
  { query }: Pick<Judge, 'query'>,
  { owner, rooms }: Office,
): Promise<{ organizationId: string; floorId: string }> {
  const [founder] = await query<{ id: string }>('SELECT organization_id AS id FROM users WHERE id = $1', [owner.id])
  const organizationId = founder!.id
  const [buildingId, floorId] = [randomUUID(), randomUUID()]
  await query(`INSERT INTO building VALUES ($1, $2, 'House', NULL, 'UTC')`, [organizationId, buildingId])
  await query(`INSERT INTO floor VALUES ($1, $2, $3, 'First', 1)`, [organizationId, floorId, buildingId])
  await query('UPDATE room SET floor_id = $1 WHERE id = ANY ($2)', [floorId, rooms])
  return { organizationId, floorId }
}

/** How many answers there were of each status, such as `{ 201: 1, 409: 39 }`. */
export function statuses(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** What the nodes logged as errors, each kind once: bugs, which nobody's bad day excuses. */
export async function loggedErrors(network: TestNetwork): Promise<string[]> {
  const logs = await Promise.all(network.nodes.map((node) => node.log().catch(() => '')))
  const errors = logs.flatMap((log) => log.split('\n')).filter((line) => /^\{"level":[56]0/.test(line))
  const kinds = new Map(errors.map((line) => [JSON.parse(line).err?.message ?? line, line.slice(0, 1_500)]))
  return [...kinds.values()]
}

function caller(network: TestNetwork): Office['call'] {
  return async (method, path, { as, body, headers = {}, at } = {}) => {
    const started = performance.now()
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS)
    try {
      const answer = await fetch(`${at?.url ?? network.url}${path}`, {
        method,
        signal,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(as !== undefined && { authorization: `Bearer ${as.token}` }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      const parsed = text === '' ? undefined : JSON.parse(text)
      return { status: answer.status, headers: answer.headers, text, body: parsed, ms: performance.now() - started }
    } catch (error) {
      if (signal.aborted) throw new Error(`${method} ${path} hung for ${ANSWER_LIMIT_MS} ms`, { cause: error })
      if (!(error instanceof TypeError)) throw error
      return { status: 0, headers: new Headers(), text: '', body: undefined, ms: performance.now() - started }
    }
  }
}

async function hire(call: Office['call'], email: string, firstName: string, role = 'member'): Promise<Person> {
  const body = { email, password: PASSWORD, firstName, lastName: 'Person', role }
  expectStatus(await call('POST', '/users', { body }), 201)
  return logIn(call, email)
}

async function logIn(call: Office['call'], email: string): Promise<Person> {
  return personOf(expectStatus(await call('POST', '/auth/login', { body: { email, password: PASSWORD } }), 200).body)
}

async function makeRoom(call: Office['call'], index: number): Promise<string> {
  const body = { name: `Room ${String(index + 1).padStart(2, '0')}`, capacity: 50 }
  return expectStatus(await call('POST', '/rooms', { body }), 201).body.id
}

function personOf({ user, accessToken }: { user: { id: string; email: string }; accessToken: string }): Person {
  return { id: user.id, email: user.email, token: accessToken }
}
