import type { TestNode } from '../network.ts'
import { type Office, type Person, iso } from './office.ts'

/** What nobody may learn of without the right to it. */
export interface Secrets {
  /** Within titles, descriptions and metadata. */
  text: string
  /** E-mail addresses of guests. */
  guests: readonly string[]
  /** Who organises and who is invited. */
  people: readonly Person[]
  roomId: string
  roomName: string
}

export interface Subject extends Secrets {
  meetings: readonly string[]
  /** Of all these meetings, half hours from the first slot on. */
  start: number
  end: number
  floorId: string
  organizationId: string
  /** Secret addresses: the organizer's calendar, and the room's busy times. */
  feeds: { person: string; room: string }
}

/**
 * What one door answered. `meetings` must not name people or places; `rooms` are about a place and must not name people;
 * `people` are lists of whom the viewer may know; `asked` repeats ids that were asked about.
 */
export interface Said {
  door: string
  about: 'meetings' | 'rooms' | 'people' | 'asked'
  text: string
}

/** What it says that it must not. */
export function leaksOf({ about, text }: Said, { text: secret, guests, people, roomId, roomName }: Secrets): string[] {
  const hidden = [secret, ...guests]
  if (about === 'meetings' || about === 'rooms') hidden.push(...people.map(({ id }) => id))
  if (about === 'meetings') hidden.push(roomId, roomName)
  const found = text.toLowerCase()
  return hidden.filter((one) => found.includes(one.toLowerCase()))
}

/**
 * Everything that can be read over HTTP, of nodes in turn, and what `tries` answer: writes, which are to be refused. Who may do them asks
 * without: it changes nothing.
 */
export async function askEverywhere(
  office: Office,
  viewer: Person,
  subject: Subject,
  tries: readonly Call[] = writes(subject),
): Promise<Said[]> {
  const calls = [...(await reads(office, subject)), ...tries, ...graphs(subject)]
  const nodes = office.network.of('api')
  const said: Said[] = []
  for (const [i, { method, path, body, about }] of calls.entries()) {
    const text = await ask(nodes[i % nodes.length]!, viewer, method, path, body)
    said.push({
      door: `${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body).slice(0, 60)}`}`,
      about,
      text,
    })
  }
  return said
}

/** Status and body, whatever they are. */
async function ask(at: TestNode, viewer: Person, method: string, path: string, body?: object): Promise<string> {
  const headers = { authorization: `Bearer ${viewer.token}`, 'content-type': 'application/json' }
  const answer = await fetch(at.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return `${answer.status} ${text}`
}

interface Call {
  method: string
  path: string
  body?: object
  about: Said['about']
}

/** Every GET of the OpenAPI document, with ids of what is secret wherever an id goes. */
async function reads({ call }: Office, subject: Subject): Promise<Call[]> {
  const { paths } = (await call('GET', '/openapi.json')).body as { paths: Record<string, { get?: object }> }
  const found = Object.keys(paths).filter((path) => paths[path]!.get !== undefined)
  if (found.length < 30) throw new Error(`only ${found.length} paths`)
  const calls = found.flatMap((path) =>
    idsFor(path, subject).flatMap((id) => queriesOf(path, subject).map((query) => path.replace(/\{\w+\}/, id) + query)),
  )
  const feeds = [
    { method: 'GET', path: subject.feeds.person, about: 'meetings' as const },
    { method: 'GET', path: subject.feeds.room, about: 'rooms' as const },
  ]
  return [...calls.map((path) => ({ method: 'GET', path, about: aboutOf(path) })), ...feeds]
}

function idsFor(path: string, { meetings, people, roomId, floorId }: Subject): readonly string[] {
  if (!path.includes('{')) return ['']
  if (path.startsWith('/rooms')) return [roomId]
  if (path.startsWith('/floors')) return [floorId]
  if (path.startsWith('/users')) return people.map(({ id }) => id)
  return meetings
}

function queriesOf(path: string, { people, roomId, start, end }: Subject): string[] {
  const [organizer] = people
  const span = `startTime=${iso(start)}&endTime=${iso(end)}`
  switch (path) {
    case '/meetings':
      return ['', '?expand=series', '?status=cancelled', `?roomId=${roomId}`, `?organizerId=${organizer!.id}`]
    case '/meetings/conflicts':
      return [`?${span}&roomIds=${roomId}&participantIds=${organizer!.id}`]
    case '/rooms/available':
      return [`?${span}`]
    case '/calendar/freebusy':
    case '/calendar/overlay':
      return [`?userIds=${people.map(({ id }) => id).join()}&roomIds=${roomId}&from=${iso(start)}&to=${iso(end)}`]
    case '/calendar/availability':
      return [`?userIds=${organizer!.id}&optionalIds=${people[1]!.id}&roomIds=${roomId}&durationMinutes=30`]
    case '/users/search':
      return ['?q=P']
    default:
      return ['']
  }
}

function aboutOf(path: string): Said['about'] {
  // One's own addresses name the rooms that one asked for.
  if (path === '/calendar/feeds' || path.startsWith('/meetings/conflicts') || /[?&](roomId|organizerId)=/.test(path))
    return 'asked'
  if (/^\/calendar\/(freebusy|overlay|availability)/.test(path)) return 'asked'
  if (/^\/users\/[^/]+\/calendar/.test(path)) return 'meetings'
  if (/^\/(rooms|floors|buildings)/.test(path)) return 'rooms'
  return /^\/(users|auth|audit|notifications)/.test(path) ? 'people' : 'meetings'
}

/** None of these may be done, and none may say more than that. */
function writes({ meetings, people, roomId, start, end }: Subject): Call[] {
  const times = { startTime: iso(start), endTime: iso(end), timezone: 'UTC' }
  const [organizer] = people
  const booking = { title: 'Mine', ...times, participants: [{ userId: organizer!.id }] }
  const window = { from: iso(start), to: iso(end) }
  const suggested = { window, durationMinutes: 30, required: people.map(({ id }) => id), rooms: { anyOf: [roomId] } }
  return [
    { method: 'POST', path: '/meetings', body: { ...booking, roomIds: [roomId] }, about: 'asked' },
    { method: 'POST', path: `/rooms/${roomId}/book`, body: booking, about: 'asked' },
    { method: 'POST', path: `/rooms/${roomId}/checkin`, body: {}, about: 'rooms' },
    { method: 'POST', path: '/calendar/suggestions', body: suggested, about: 'asked' },
    ...meetings.flatMap((id): Call[] => [
      { method: 'PUT', path: `/meetings/${id}`, body: { title: 'Mine', version: 99 }, about: 'meetings' },
      { method: 'POST', path: `/meetings/${id}/participants`, body: { email: 'me@example.org' }, about: 'meetings' },
      { method: 'POST', path: `/meetings/${id}/rsvp`, body: { response: 'accepted' }, about: 'meetings' },
    ]),
  ]
}

const DETAILS = `title description startTime endTime status version metadata roomIds organizer { id firstName }
  participants { userId email comment } room { name } rooms { name }`
const BOOKING = '{ allocationId meetingId start end title organizer }'
const ENTRY = 'kind start end title meetingId recurrenceId'
const STATE = `{ status current ${BOOKING} next ${BOOKING} }`

function graphs({ meetings, people, roomId, floorId, organizationId, start, end }: Subject): Call[] {
  const ask = (about: Said['about'], query: string): Call => ({
    method: 'POST',
    path: '/graphql',
    body: { query },
    about,
  })
  const taken = `title: "Mine", startTime: "${iso(start)}", endTime: "${iso(end)}", timezone: "UTC", roomIds: ["${roomId}"]`
  const ids = people.map(({ id }) => `"${id}"`).join()
  const subjects = `userIds: [${ids}], roomIds: ["${roomId}"], from: "${iso(start)}", to: "${iso(end)}"`
  return [
    ask('meetings', `{ meetings(first: 40) { edges { node { id ${DETAILS} } } } }`),
    ask('meetings', `{ occurrences(first: 40) { edges { node { meetingId ${DETAILS} } } } }`),
    ask('asked', `{ freeBusy(${subjects}) { items { busy { start end status } } sources { userId } } }`),
    ask('asked', `{ overlay(${subjects}) { items { working { start } items { ${ENTRY} } } } }`),
    ask('asked', `{ availability(${subjects}, durationMinutes: 30) { items { start attending } } }`),
    ...people.map(({ id }) => ask('meetings', `{ calendarOf(userId: "${id}") { items { ${ENTRY} } } }`)),
    ask('meetings', '{ agenda { title meetingId meeting { title roomIds } } }'),
    ...meetings.flatMap((id) => [
      ask('meetings', `{ meeting(id: "${id}") { ${DETAILS} } }`),
      ask('meetings', `{ meetingHistory(meetingId: "${id}") { edges { node { changes actor { id name } } } } }`),
      ask('meetings', `{ occurrencesOf(meetingId: "${id}") { edges { node { ${DETAILS} } } } }`),
    ]),
    ask('rooms', `{ roomState(ids: ["${roomId}"]) ${STATE} room(id: "${roomId}") { state ${STATE} } }`),
    ask('rooms', `{ floorState(floorId: "${floorId}") { rooms { room { name } state ${STATE} } } }`),
    ask('rooms', `{ dashboard(kind: ROOMS, scope: "${organizationId}") { totals { reserved } floors { name } } }`),
    ask(
      'asked',
      `mutation { bookMeeting(input: { ${taken} }) { __typename ... on SlotConflict { detail conflicts { resourceId kind start end }
        suggestions { start end roomIds reasons } } ... on NotAllowed { code detail } ... on RuleViolation { code detail } } }`,
    ),
  ]
}
