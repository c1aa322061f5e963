import pg from 'pg'
import type { Role } from '../domain/identity/actor.ts'
import { authRoutes } from '../server/rest/auth.ts'
import { availabilityRoutes } from '../server/rest/availability.ts'
import { floorsRoutes } from '../server/rest/floors.ts'
import { holdsRoutes } from '../server/rest/holds.ts'
import { jobsRoutes } from '../server/rest/jobs.ts'
import { meetingAnswersRoutes } from '../server/rest/meeting-answers.ts'
import { meetingsRoutes } from '../server/rest/meetings.ts'
import { occupancyRoutes } from '../server/rest/occupancy.ts'
import { notificationsRoutes } from '../server/rest/notifications.ts'
import { plansRoutes } from '../server/rest/plans.ts'
import { roomBookingsRoutes } from '../server/rest/room-bookings.ts'
import { roomStateRoutes } from '../server/rest/room-state.ts'
import { roomsRoutes } from '../server/rest/rooms.ts'
import { suggestionsRoutes } from '../server/rest/suggestions.ts'
import { userTimeRoutes } from '../server/rest/user-time.ts'
import { usersRoutes } from '../server/rest/users.ts'
import { type Answer, type SignedIn, type TestApi, PASSWORD, openTestApi, unique } from './api.ts'

/** An organisation that books, behind one HTTP tier. The clock stands at Monday, 23 November 2026, 09:00 UTC. */
export interface BookingOffice extends AsyncDisposable {
  api: TestApi
  owner: SignedIn
  token: string
  /** Signed in; made when first asked for. */
  person: (role: Role) => Promise<Person>
  room: (given?: object, by?: string) => Promise<string>
  book: (given?: object, by?: string, headers?: Record<string, string>) => Promise<Answer>
  get: (path: string, by?: string) => Promise<Answer>
  put: (id: string, body: object, by?: string, headers?: Record<string, string>) => Promise<Answer>
  /** What happened on a topic, in order. */
  news: (topic: string) => Promise<{ seq: number; type: string; data: Record<string, never> }[]>
  /** As the owner of the store. */
  query: (sql: string, values?: unknown[]) => Promise<Record<string, never>[]>
  /** How many rows each table of tenants holds. */
  counts: () => Promise<Record<string, number>>
}

export interface Person {
  id: string
  email: string
  token: string
}

const TENANT_TABLES = [
  ...['users', 'building', 'floor', 'equipment', 'room', 'meeting', 'participant', 'occurrence', 'allocation'],
  ...['topic_head', 'outbox', 'audit', 'idempotency_key'],
]

export async function openBookingOffice(): Promise<BookingOffice> {
  const api = await openTestApi((deps) => [
    ...authRoutes(deps),
    ...availabilityRoutes(deps),
    ...suggestionsRoutes(deps),
    ...usersRoutes(deps),
    ...userTimeRoutes(deps),
    ...roomBookingsRoutes(deps),
    ...roomsRoutes(deps),
    ...roomStateRoutes(deps),
    ...occupancyRoutes(deps),
    ...floorsRoutes(deps),
    ...plansRoutes(deps),
    ...meetingsRoutes(deps),
    ...meetingAnswersRoutes(deps),
    ...holdsRoutes(deps),
    ...jobsRoutes(deps),
    ...notificationsRoutes(deps),
  ])
  const store = new pg.Client(api.database.url)
  await store.connect()
  const owner = await api.register()
  const token = owner.accessToken
  const people = new Map<Role, Promise<Person>>()
  const query: BookingOffice['query'] = async (sql, values) => (await store.query(sql, values)).rows
  return {
    api,
    owner,
    token,
    query,
    person: (role) => {
      const known = people.get(role) ?? addPerson(api, token, role)
      people.set(role, known)
      return known
    },
    room: async (given = {}, by = token) => {
      const body = { name: `Room ${unique()}`, capacity: 10, ...given }
      return expectStatus(await api.call('POST', '/rooms', { token: by, body }), 201).body.id
    },
    book: (given = {}, by = token, headers = {}) =>
      api.call('POST', '/meetings', { token: by, body: { ...MEETING, ...given }, headers }),
    get: (path, by = token) => api.call('GET', path, { token: by }),
    put: (id, body, by = token, headers = {}) => api.call('PUT', `/meetings/${id}`, { token: by, body, headers }),
    news: async (topic) =>
      (await query('SELECT seq::integer, type, data FROM outbox WHERE topic = $1 ORDER BY seq', [topic])) as never,
    counts: async () => {
      const [counts] = await query(
        `SELECT ${TENANT_TABLES.map((t) => `(SELECT count(*)::integer FROM ${t}) AS ${t}`).join(', ')}`,
      )
      return counts as Record<string, number>
    },
    async [Symbol.asyncDispose]() {
      await store.end()
      await api[Symbol.asyncDispose]()
    },
  }
}

/** Tomorrow at ten, in winter Berlin. */
export const MEETING = {
  title: 'Planning',
  startTime: '2026-11-24T09:00:00Z',
  endTime: '2026-11-24T10:00:00Z',
  timezone: 'Europe/Berlin',
}

export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer
}

async function addPerson({ call }: TestApi, by: string, role: Role): Promise<Person> {
  const email = `${role}-${unique()}@example.org`
  const body = { email, password: PASSWORD, firstName: 'P', lastName: role, role }
  const { id } = expectStatus(await call('POST', '/users', { token: by, body }), 201).body
  const signedIn = expectStatus(await call('POST', '/auth/login', { body: { email, password: PASSWORD } }), 200)
  return { id, email, token: signedIn.body.accessToken }
}
