import { uuid7, unique } from '../api.ts'
import { expectStatus } from '../booking-office.ts'
import { PEOPLE, type Principal } from './grid.ts'
import { FEED_HOST, START, type Person, type Town } from './town.ts'

/** One thing that a cell is about. `mark` is a word of its content, which stands nowhere else. */
export interface Target {
  id: string
  mark: string
  roomId: string
  /** Of the booking that is on and checked in, and of the one after it. */
  allocationId: string
  laterId: string
  email: string
}

const KINDS = [
  ...([
    'any',
    'meeting',
    'booking',
    'room',
    'user',
    'session',
    'integration',
    'feed',
    'external',
    'message',
    'hold',
  ] as const),
  ...(['device', 'audit', 'job', 'building', 'floor', 'equipment', 'dashboard', 'secret'] as const),
] as const
export type Kind = (typeof KINDS)[number]

/** The thing of each kind that stands in a relation to a principal. */
export type Things = Record<Kind, (who: Principal) => Record<string, Target>> & { planted: Planted }

/** Words that are to be found nowhere but where they belong. */
interface Planted {
  /** By the title of each meeting, that of the one which is on in the same room and is seen by the same people. */
  titles: ReadonlyMap<string, string>
  /** Names and summaries of connected calendars, by whose they are; undefined: the host's. */
  calendars: { whose: Principal | undefined; words: string[] }[]
  /** Of what opens doors: addresses of feeds in and out, device tokens. */
  secrets: string[]
}

const HOUR = 60
const DAY = 24 * HOUR

/** Makes everything that the cells are about, through the API where there is a way. Then guests and auditors become such. */
export async function makeThings(town: Town): Promise<Things> {
  const { host, people, query, organizationId, otherOrganizationId } = town
  const [owner, stranger] = [people.owner, people.stranger]
  const post = async (by: Person, path: string, body: object, status = 201) =>
    expectStatus(await town.api.call('POST', path, { token: by.token, body }), status).body
  const room = async (by: Person): Promise<Target> => {
    const name = word('Room')
    const rules = { bookingRules: { maxDurationMinutes: HOUR }, equipment: [word('Beamer')] }
    const { id, equipment } = await post(by, '/rooms', { name, capacity: 10, ...rules })
    return thing(id, name, { roomId: id, email: equipment[0] })
  }
  const book = async (by: Person, from: number, given: object) => {
    const title = word('title')
    const span = { startTime: town.at(from), endTime: town.at(from + HOUR), timezone: 'UTC' }
    const secrets = { title, description: `${title} text`, metadata: { note: title } }
    const { participants = [] } = given as { participants?: object[] }
    const people = { participants: [...participants, { email: `${title}@guests.example.org` }] }
    const { meeting, allocations } = await post(by, '/meetings', { ...span, ...secrets, ...given, ...people })
    return thing(meeting.id, title, { allocationId: allocations[0]?.allocationId })
  }
  /** A room with a meeting that is on and checked in, and one tomorrow; the target is tomorrow's meeting. */
  const use = async (by: Person, place: Target, given: object, manager = owner) => {
    const body = { ...given, roomIds: [place.id] }
    const [on, later] = [await book(by, 0, body), await book(by, DAY, body)]
    await post(manager, `/rooms/${place.id}/checkin`, { allocationId: on.allocationId }, 200)
    const meeting = thing(later.id, later.mark)
    const ids = { roomId: place.id, allocationId: on.allocationId, laterId: later.allocationId }
    return { meeting, booking: thing(place.id, later.mark, ids), current: on.mark }
  }

  const [beside, elsewhere, foreignRoom] = [await room(owner), await room(owner), await room(stranger)]
  const open = await use(host, beside, { visibility: 'organization' })
  const hidden = await use(host, elsewhere, { visibility: 'participants' })
  const foreign = await use(stranger, foreignRoom, { visibility: 'organization' }, stranger)
  const busy = await book(host, DAY, { visibility: 'busy_only' })
  const made = new Map<Principal, { own: Used; attends: Used }>()
  for (const who of PEOPLE) {
    const me = people[who]
    const own = await use(me, await room(owner), { visibility: 'participants' })
    const invited = { visibility: 'participants', participants: [{ userId: me.id }] }
    made.set(who, { own, attends: await use(host, await room(owner), invited) })
  }

  const panels = { panel: beside, otherPanel: elsewhere } as const
  const devices: Record<string, Target> = {}
  const pair = async (by: Person, place: Target) => {
    const { code } = await post(by, '/auth/devices/pair', { roomId: place.id })
    return expectStatus(await town.api.call('POST', '/auth/devices/claim', { body: { code } }), 201).body
  }
  for (const [who, place] of Object.entries(panels)) {
    town.tokens[who as Principal] = (await pair(owner, place)).deviceToken
  }
  devices['ours'] = thing((await pair(owner, elsewhere)).device.id)
  devices['foreign'] = thing((await pair(stranger, foreignRoom)).device.id)

  const calendars = new Map<Person, Calendar>()
  for (const me of [...PEOPLE.map((who) => people[who]), host, stranger]) {
    const organization = me === stranger ? otherOrganizationId : organizationId
    const source = word('secret')
    const url = `https://${FEED_HOST}/${source}.ics`
    const { integration } = await post(me, '/calendar/integrate', { provider: 'ics', url, name: word('Calendar') })
    const feed = await post(me, '/calendar/feeds', { kind: 'person' })
    const summary = word('External')
    const ids = [organization, uuid7(START), me.id, integration.id]
    await query(INSERT_EXTERNAL, [...ids, `${summary}@elsewhere`, town.at(DAY), town.at(DAY + HOUR), summary])
    const messageId = uuid7(START)
    const about = me === stranger ? foreign.meeting.id : open.meeting.id
    await query(INSERT_MESSAGE, [organization, messageId, word('Event'), me.id, about, town.at(0)])
    calendars.set(me, {
      integration: thing(integration.id, integration.name),
      feed: thing(feed.id),
      url: feed.url,
      source,
      external: thing(ids[1] as string, summary),
      message: thing(messageId),
    })
  }

  const holds = new Map<Person, Target>()
  for (const me of [...PEOPLE.map((who) => people[who]), host, stranger]) {
    const organization = me === stranger ? otherOrganizationId : organizationId
    const ids = Array.from({ length: 4 }, () => uuid7(START)) as [string, string, string, string]
    for (const id of ids) {
      await query(INSERT_HOLD, [organization, id, me.id, town.at(DAY), town.at(DAY + HOUR), town.at(2 * DAY)])
      await query(INSERT_HOLD_CLAIM, [organization, uuid7(START), me.id, id, town.at(DAY), town.at(DAY + HOUR)])
    }
    // One that stays, and one for each door to give back.
    holds.set(me, thing(ids[0], ids[0], { roomId: ids[1], allocationId: ids[2], laterId: ids[3] }))
  }

  const places = new Map<string, Record<string, Target>>()
  for (const [relation, organization] of [
    ['ours', organizationId],
    ['foreign', otherOrganizationId],
  ] as const) {
    const building = thing(uuid7(START), word('Building'))
    const floor = thing(uuid7(START), word('Floor'))
    const job = thing(word('job'))
    await query(INSERT_BUILDING, [organization, building.id, building.mark])
    await query(INSERT_FLOOR, [organization, floor.id, building.id, floor.mark])
    await query(INSERT_JOB, [organization, job.id, town.at(0)])
    const { id: subject } = relation === 'ours' ? open.meeting : foreign.meeting
    const equipment = relation === 'ours' ? beside.email : foreignRoom.email
    places.set(relation, {
      building,
      floor,
      job,
      audit: thing(subject),
      equipment: thing(equipment, equipment),
      dashboard: thing(organization, floor.mark),
    })
  }
  for (const { id, email } of [...PEOPLE.map((who) => people[who]), host, stranger]) {
    const away = [{ start: START, end: START + 1, reason: email }]
    await query('UPDATE users SET absences = $2 WHERE id = $1', [id, JSON.stringify(away)])
  }
  await query('UPDATE room SET floor_id = $2 WHERE id = $1', [beside.id, places.get('ours')?.['floor']?.id])

  await becomeLess(town, 'auditor')
  await becomeLess(town, 'guest')
  // Nobody's, yet as good as anybody's by its looks.
  const guessed = thing('01900000-0000-7000-8000-000000000000', 'NobodysMark')
  const users = (me: Person) => thing(me.id, me.email, { email: me.email })
  const ofPlace = (kind: string) => () => ({
    ours: places.get('ours')?.[kind] as Target,
    foreign: places.get('foreign')?.[kind] as Target,
    guessed: thing(kind === 'job' ? 'nothing' : guessed.id, guessed.mark),
  })
  const ofPerson = (kind: 'integration' | 'feed' | 'external' | 'message') => (who: Principal) => ({
    own: calendars.get(people[who] ?? host)?.[kind] as Target,
    colleague: calendars.get(host)?.[kind] as Target,
    foreign: calendars.get(stranger)?.[kind] as Target,
    guessed,
  })
  const used = [open, hidden, foreign, ...[...made.values()].flatMap(({ own, attends }) => [own, attends])]
  const everybody = [...PEOPLE, 'stranger'] as const
  const planted: Planted = {
    titles: new Map([...used.map(({ meeting, current }) => [meeting.mark, current] as const), [busy.mark, busy.mark]]),
    calendars: [...calendars].map(([person, { integration, external }]) => ({
      whose: everybody.find((who) => people[who] === person),
      words: [integration.mark, external.mark],
    })),
    secrets: [
      ...[...calendars.values()].flatMap(({ url, source }) => [secretOf(url), source]),
      ...(Object.keys(panels) as Principal[]).map((who) => town.tokens[who] as string),
    ],
  }
  return {
    planted,
    any: () => ({ any: guessed }),
    meeting: (who) => ({
      own: made.get(who)?.own.meeting ?? guessed,
      attends: made.get(who)?.attends.meeting ?? (made.get('member') as { attends: Used }).attends.meeting,
      ...{ open: open.meeting, private: hidden.meeting, foreign: foreign.meeting },
      ...{ busy, guessed },
    }),
    booking: (who) => ({
      own: made.get(who)?.own.booking ?? guessed,
      attends: made.get(who)?.attends.booking ?? guessed,
      ...{ beside: open.booking, elsewhere: hidden.booking, foreign: foreign.booking },
      guessed: { ...guessed, roomId: guessed.id, allocationId: guessed.id, laterId: guessed.id },
    }),
    room: () => ({ beside, elsewhere, foreign: foreignRoom, guessed: { ...guessed, roomId: guessed.id } }),
    user: (who) => ({
      own: users(people[who] ?? host),
      colleague: users(host),
      foreign: users(stranger),
      guessed: { ...guessed, email: 'nobody@example.org' },
    }),
    session: (who) => ({
      own: thing((people[who] ?? host).otherSessionId),
      colleague: thing(host.otherSessionId),
      foreign: thing(stranger.otherSessionId),
      guessed,
    }),
    integration: ofPerson('integration'),
    feed: ofPerson('feed'),
    external: ofPerson('external'),
    message: ofPerson('message'),
    hold: (who) => ({
      own: holds.get(people[who] ?? host) as Target,
      colleague: holds.get(host) as Target,
      foreign: holds.get(stranger) as Target,
      guessed: { ...guessed, roomId: guessed.id, allocationId: guessed.id, laterId: guessed.id },
    }),
    device: () => ({ ours: devices['ours'] as Target, foreign: devices['foreign'] as Target, guessed }),
    audit: ofPlace('audit'),
    job: ofPlace('job'),
    building: ofPlace('building'),
    floor: ofPlace('floor'),
    equipment: ofPlace('equipment'),
    dashboard: ofPlace('dashboard'),
    secret: () => {
      const [ours, theirs] = [host, stranger].map((me) => secretOf(calendars.get(me)?.url as string)) as [
        string,
        string,
      ]
      return {
        open: { ...open.meeting, roomId: ours },
        busy: { ...busy, roomId: ours },
        private: { ...hidden.meeting, roomId: ours },
        foreign: { ...foreign.meeting, roomId: theirs },
        guessed: { ...guessed, roomId: 'A'.repeat(64) },
      }
    },
  }
}

interface Calendar {
  integration: Target
  feed: Target
  /** Our own secret address, and the secret part of the one elsewhere. */
  url: string
  source: string
  external: Target
  message: Target
}

interface Used {
  meeting: Target
  booking: Target
  /** The title of the meeting that is on. */
  current: string
}

function thing(id: string, mark = id, more: Partial<Target> = {}): Target {
  return { roomId: '', allocationId: '', laterId: '', email: '', ...more, id, mark }
}

/** A word that stands nowhere else. */
function word(prefix: string): string {
  return `${prefix}-${unique()}`
}

function secretOf(url: string): string {
  return /feeds\/([^/]+)\.ics$/.exec(url)?.[1] ?? ''
}

async function becomeLess(town: Town, role: 'auditor' | 'guest'): Promise<void> {
  const { id, email } = town.people[role]
  const token = town.people.owner.token
  const body = { role, version: 1 }
  expectStatus(await town.api.call('PUT', `/users/${id}`, { token, body }), 200)
  const answer = await town.api.call('POST', '/auth/login', { body: { email, password: 'correct horse battery' } })
  town.tokens[role] = expectStatus(answer, 200).body.accessToken
}

const INSERT_EXTERNAL = `
  INSERT INTO external_event (organization_id, id, user_id, integration_id, uid, recurrence_id, starts_at, ends_at, all_day, busy, status, summary)
  VALUES ($1, $2, $3, $4, $5, '20261124T090000', $6, $7, false, true, 'confirmed', $8)`
const INSERT_MESSAGE = `
  INSERT INTO message (organization_id, id, event_key, recipient, channel, kind, meeting_id, content, status, created_at)
  VALUES ($1, $2, $3, $4, 'email', 'invitation', $5, '{}', 'queued', $6)`
const INSERT_BUILDING = `INSERT INTO building (organization_id, id, name, timezone) VALUES ($1, $2, $3, 'UTC')`
const INSERT_FLOOR = `INSERT INTO floor (organization_id, id, building_id, name, level) VALUES ($1, $2, $3, $4, 1)`
const INSERT_JOB = `
  INSERT INTO due (organization_id, kind, subject, due_at, attempts, dead_at, last_error) VALUES ($1, 'reminder', $2, $3, 9, $3, 'gone')`
// Renewed as often as may be.
const INSERT_HOLD = `
  INSERT INTO hold (organization_id, id, user_id, starts_at, ends_at, created_at, expires_at, renewals)
  VALUES ($1, $2, $3, $4, $5, $4, $6, 2)`
const INSERT_HOLD_CLAIM = `
  INSERT INTO allocation (organization_id, id, resource_id, resource_kind, hold_id, starts_at, ends_at, blocked_from, blocked_until, exclusive)
  VALUES ($1, $2, $3, 'person', $4, $5::timestamptz, $6::timestamptz, $5, $6, false)`
