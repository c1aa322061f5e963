import pg from 'pg'
import { type Instant, instant } from '../domain/time/instant.ts'
import { createFeedJob } from '../jobs/feeds.ts'
import { authRoutes } from '../server/rest/auth.ts'
import { meetingAnswersRoutes } from '../server/rest/meeting-answers.ts'
import { calendarsRoutes } from '../server/rest/calendars.ts'
import { meetingsRoutes } from '../server/rest/meetings.ts'
import { roomsRoutes } from '../server/rest/rooms.ts'
import { usersRoutes } from '../server/rest/users.ts'
import { APPLICATION_KEY, type Answer, type SignedIn, type TestApi, openTestApi } from './api.ts'
import { type FeedServer, icsFile, openFeedServer } from './ics-server.ts'

/** An API with calendars, the job that pulls them, and a source of feeds that may be fetched. */
export interface CalendarRig extends AsyncDisposable {
  api: TestApi
  feeds: FeedServer
  /** The owner's login: for judging. */
  admin: pg.Client
  /** Who asks where nobody else is named; replace her as the clock moves. */
  olga: SignedIn
  /** A fresh organisation, and the clock where it began. */
  begin: () => Promise<void>
  get: (path: string, who?: SignedIn) => Promise<Answer>
  post: (path: string, body: object, who?: SignedIn, headers?: Record<string, string>) => Promise<Answer>
  patch: (path: string, body: object) => Promise<Answer>
  signIn: (email: string) => Promise<SignedIn>
  /** A member of her organisation, signed in. */
  hire: (firstName: string, role?: string) => Promise<SignedIn>
  /** What the source says from now on. */
  serve: (events: readonly string[][], headers?: Record<string, string>) => void
  /** olga connects the source's calendar; its id. */
  connect: () => Promise<string>
  /** Makes the pull of a calendar due, and does it. */
  pull: (integrationId: string) => Promise<Instant | undefined>
  /** One turn of the job, as a worker would take it. */
  turn: (integrationId: string, organizationId?: string) => Promise<Instant | undefined>
}

/** A part of the address that may appear nowhere. */
export const SECRET = 'Sh-very-secret'

export async function openCalendarRig(): Promise<CalendarRig> {
  const feeds = await openFeedServer()
  const guard = { allow: new Set([feeds.host]), resolve: async () => [{ address: '10.0.0.1', family: 4 }] }
  const own = { applicationKey: APPLICATION_KEY, guard, publicUrl: 'https://meet.example.org/' }
  const api = await openTestApi((deps) => [
    ...authRoutes(deps),
    ...usersRoutes(deps),
    ...roomsRoutes(deps),
    ...meetingsRoutes(deps),
    ...meetingAnswersRoutes(deps),
    ...calendarsRoutes({ ...deps, ...own }),
  ])
  const job = createFeedJob({ ...api.deps, ...own, ...guard })
  const admin = new pg.Client({ connectionString: api.database.url })
  await admin.connect()
  const rig: CalendarRig = {
    api,
    feeds,
    admin,
    olga: undefined as never,
    async begin() {
      feeds.requests.length = 0
      api.clock.now = instant(Date.UTC(2026, 10, 23, 9))
      rig.olga = await api.register({ timezone: 'Europe/Berlin' })
    },
    get: (path, who = rig.olga) => api.call('GET', path, { token: who.accessToken }),
    post: (path, body, who = rig.olga, headers = {}) =>
      api.call('POST', path, { token: who.accessToken, body, headers }),
    patch: (path, body) => api.call('PATCH', path, { token: rig.olga.accessToken, body }),
    async hire(firstName, role = 'member') {
      const email = `${firstName}@example.org`
      await rig.post('/users', { email, firstName, lastName: 'Person', password: rig.olga.password, role })
      return rig.signIn(email)
    },
    async signIn(email) {
      const { password, organization } = rig.olga
      const answer = await api.call('POST', '/auth/login', { body: { email, password, organization } })
      return { ...rig.olga, ...answer.body }
    },
    serve: (events, headers = {}) =>
      feeds.answer((_request, response) =>
        response.writeHead(200, { 'content-type': 'text/calendar', ...headers }).end(icsFile(events)),
      ),
    async connect() {
      const answer = await rig.post('/calendar/integrate', {
        provider: 'ics',
        url: `http://${feeds.host}/${SECRET}.ics`,
      })
      if (answer.status !== 201) throw new Error(`integrate answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      return answer.body.integration.id
    },
    async pull(subject) {
      const { now } = api.clock
      const { rows } = await admin.query(
        'UPDATE calendar_integration SET next_attempt_at = to_timestamp($2 / 1000.0) WHERE id = $1 RETURNING organization_id',
        [subject, now],
      )
      return rig.turn(subject, rows[0]?.organization_id)
    },
    async turn(subject, organizationId = NOWHERE) {
      const { now } = api.clock
      return job.run({ organizationId, subject, dueAt: now, now, attempt: 1, signal: new AbortController().signal })
    },
    async [Symbol.asyncDispose]() {
      await admin.end()
      await api[Symbol.asyncDispose]()
      await feeds[Symbol.asyncDispose]()
    },
  }
  return rig
}

const NOWHERE = '00000000-0000-4000-8000-000000000000'

/** An hour that begins at `start` (basic form). */
export function hourEvent(uid: string, start: string, ...more: string[]): string[] {
  return [`UID:${uid}`, `DTSTART:${start}`, 'DURATION:PT1H', ...more]
}

export function meetingBody(given: object): object {
  const times = { startTime: '2026-11-24T10:00:00Z', endTime: '2026-11-24T11:00:00Z', timezone: 'UTC' }
  return { title: 'Planning', ...times, ...given }
}
