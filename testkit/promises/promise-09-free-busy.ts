import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { DocClient } from '../doc-client.ts'
import { eventually } from '../eventually.ts'
import type { MailServer } from '../mail-server.ts'
import type { TestNetwork } from '../network.ts'
import type { SocketClient } from '../socket-client.ts'
import { type Said, type Subject, askEverywhere, leaksOf } from './free-busy-doors.ts'
import { GraphWatcher, agendaChanged, dashboard, floorState, meetingChanged, roomStates } from './graph-watcher.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, type Person, expectStatus, foundOffice, loggedErrors, moveIn, span } from './office.ts'

const VISIBILITIES = ['busy_only', 'participants'] as const

let network: TestNetwork
let judge: Judge
let mail: MailServer
let office: Office
let organizer: Person
let invited: Person
let subject: Subject
/** Everybody who has no right to these meetings, by what he is. */
let strangers: Map<string, Person>

export function freeBusy(ground: () => Ground): void {
  describe('Promise 9: free/busy never leaks title, attendees or place without the right, on any door', () => {
    beforeAll(async () => {
      ;({ network, judge, mail } = ground())
      office = await foundOffice(network, { people: 3, rooms: 1 })
      ;[organizer, invited] = office.people as [Person, Person]
      subject = await arrange()
      strangers = await hireStrangers()
    })

    test('not by anything that is read, nor by what a refusal says, over REST, GraphQL, files and feeds', async () => {
      const saidTo = await Promise.all(
        [...strangers].map(async ([role, viewer]) => {
          const said = await askEverywhere(office, viewer, subject)
          const feeds = said.filter(({ door }) => Object.values(subject.feeds).some((path) => door.endsWith(path)))
          expect([role, ...feeds.map(({ text }) => text.slice(0, 3))]).toEqual([role, '200', '200'])
          return said.map((one) => ({ ...one, door: `${role}: ${one.door}` }))
        }),
      )
      const all = saidTo.flat()
      console.log(`free/busy: ${all.length} answers to ${strangers.size} viewers searched`)
      expect(leaksIn(all)).toEqual([])

      // Who may read it is told, by the very same doors.
      const own = await askEverywhere(office, organizer, subject, [])
      const telling = own.filter(({ text }) => text.includes(subject.text)).map(({ door }) => door)
      for (const id of subject.meetings)
        expect(telling).toEqual(expect.arrayContaining([`GET /meetings/${id}`, `GET /meetings/${id}/ics`]))
      const { roomId, floorId } = subject
      const places = [`GET /rooms/${roomId}/schedule`, `GET /rooms/${roomId}/state`, `GET /floors/${floorId}/state`]
      expect(telling).toEqual(
        expect.arrayContaining([
          ...places,
          'GET /meetings',
          'GET /calendar/events',
          `GET /users/${organizer.id}/calendar`,
        ]),
      )
      expect(telling.filter((door) => door.includes('/graphql')).length).toBeGreaterThanOrEqual(8)
    })

    test('not by news of rooms, floors and dashboards, nor by refused topics and documents, while a node is killed', async () => {
      await using stack = new AsyncDisposableStack()
      const { roomId, floorId, organizationId, meetings } = subject
      const places = [`room:${roomId}`, `floor:${floorId}`, `dashboard:rooms:${organizationId}`]
      const closed = [...meetings.map((id) => `meeting:${id}`), `person:${organizer.id}`]
      const followed = new Map<string, SocketClient>()
      const said: Said[] = []
      for (const [role, viewer] of strangers) {
        if (role === 'outsider') continue
        const client = stack.use(network.socket(viewer.token))
        const own = role === 'guest' || role === 'panel' ? places.slice(0, 1) : places
        for (const topic of own) await client.watch(topic)
        for (const topic of closed) {
          const ack = await client.ask('topic.watch', { topic })
          expect([role, topic, ack.problem?.code]).toEqual([role, topic, 'not_found'])
          said.push({ door: `${role}: ${topic}`, about: 'meetings', text: JSON.stringify(ack) })
        }
        followed.set(role, client)
      }
      const stranger = strangers.get('member')!
      const graph = stack.use(new GraphWatcher(network.url, stranger.token))
      graph
        .follow(roomStates([roomId]))
        .follow(floorState(floorId))
        .follow(dashboard(organizationId))
      const refused = stack.use(new GraphWatcher(network.url, stranger.token))
      for (const id of meetings) refused.follow(meetingChanged(id))
      refused.follow(agendaChanged(organizer.id))
      const docs = meetings.map((id) =>
        stack.use(new DocClient({ url: network.url, docId: `meeting:${id}`, token: stranger.token })),
      )
      await eventually(async () => (graph.snapshots.length < 3 ? 'no snapshots' : undefined))

      const another = await book('participants', 4)
      await network.node('realtime-1').kill()
      await change(another, { ...span(office.at(6)), title: `${subject.text} moved` })
      await network.node('realtime-1').start()
      const { status } = await office.call('DELETE', `/meetings/${another}`, { as: organizer })
      expect(status).toBe(204)
      await network.settle(...followed.values(), graph)

      for (const [role, { items, snapshots, faults }] of followed) {
        expect([role, faults]).toEqual([role, []])
        expect(items.length, role).toBeGreaterThan(0)
        said.push({ door: `${role}: news`, about: 'rooms', text: JSON.stringify([items, snapshots]) })
      }
      said.push({ door: 'subscriptions', about: 'rooms', text: JSON.stringify([graph.items, graph.snapshots]) })
      expect(graph.items.length).toBeGreaterThan(0)
      expect(leaksIn(said)).toEqual([])
      await eventually(async () => (refused.refusals.length < 3 ? 'not all is refused' : undefined))
      expect([new Set(refused.refusals), refused.items, refused.snapshots]).toEqual([new Set(['not_found']), [], []])
      for (const doc of docs) await doc.until(() => doc.closes.includes(4403), 'the document is closed')
      expect(docs.map(({ title }) => title)).toEqual(['', ''])
    })

    test('not by mail, nor by his own agenda to who was taken off it; and no log holds it', async () => {
      const [id] = subject.meetings as [string]
      const [guest] = subject.guests as [string]
      const agenda = network.socket(invited.token)
      await agenda.watch(`person:${invited.id}`)
      // He is taken off it, and what it becomes is none of his business.
      const later = `later ${randomBytes(6).toString('hex')}`
      await change(id, { participants: [{ email: guest }], title: later })
      await hears(id, [invited.email])
      await network.settle(agenda)
      expect(agenda.items.at(-1)).toMatchObject({ type: 'meeting.cancelled', data: { meetingId: id, entries: [] } })
      expect(JSON.stringify(agenda.items)).not.toContain(later)

      const mails = mail.received.map(({ to, subject: title, text, html }) => ({ to, all: title + text + html }))
      expect(mails.filter(({ to, all }) => to === invited.email && all.includes(later))).toEqual([])
      const entitled = new Set([...subject.guests, organizer.email, invited.email])
      const telling = mails.filter(({ all }) => all.includes(subject.text))
      expect(telling.length).toBeGreaterThanOrEqual(2)
      expect(telling.filter(({ to }) => !entitled.has(to))).toEqual([])
      for (const node of network.nodes) {
        const log = await node.log()
        expect([subject.text, guest, later].filter((secret) => log.includes(secret))).toEqual([])
      }
      expect(await loggedErrors(network)).toEqual([])
    })
  })
}

function leaksIn(all: readonly Said[]): string[] {
  return all.flatMap((one) => {
    const leaks = leaksOf(one, subject)
    return leaks.length === 0 ? [] : [`${one.door} said ${leaks.join()}: ${one.text.slice(0, 400)}`]
  })
}

/** One private meeting of each kind in one room, and addresses under which calendars can be read. */
async function arrange(): Promise<Subject> {
  const { organizationId, floorId } = await moveIn(judge, office)
  const [roomId] = office.rooms as [string]
  const mark = () => randomBytes(6).toString('hex')
  const roomName = `Den ${mark()}`
  await judge.query('UPDATE room SET name = $1 WHERE id = $2', [roomName, roomId])
  const secrets = { text: `S3CRET${mark()}`, guests: [`${mark()}@guest.example.net`], people: [organizer, invited] }
  const feeds = { person: '', room: '' }
  const times = { start: office.at(0), end: office.at(4) }
  subject = { ...secrets, ...times, roomId, roomName, floorId, organizationId, feeds, meetings: [] }
  const meetings = [await book('busy_only', 0), await book('participants', 2)]
  // What people say with their answers is content, too.
  const answer = { as: invited, body: { response: 'accepted', comment: secrets.text } }
  for (const id of meetings) expectStatus(await office.call('POST', `/meetings/${id}/rsvp`, answer), 200)
  const make = async (as: Person, body: object) => {
    const answer = expectStatus(await office.call('POST', '/calendar/feeds', { as, body }), 201)
    return new URL(answer.body.url).pathname
  }
  feeds.person = await make(organizer, { kind: 'person' })
  feeds.room = await make(office.people[2]!, { kind: 'room', roomId })
  // So that there is a history of what was told to whom.
  for (const id of meetings) await hears(id, [invited.email, ...secrets.guests])
  return { ...subject, meetings }
}

async function book(visibility: (typeof VISIBILITIES)[number], slot: number): Promise<string> {
  const { text, guests, roomId } = subject
  const body = {
    title: `${text} ${visibility}`,
    description: text,
    metadata: { note: text },
    visibility,
    ...span(office.at(slot)),
    participants: [{ userId: invited.id }, ...guests.map((email) => ({ email }))],
    roomIds: [roomId],
  }
  return expectStatus(await office.call('POST', '/meetings', { as: organizer, body }), 201).body.meeting.id
}

async function change(id: string, body: object): Promise<void> {
  const options = { as: organizer, body, headers: { 'if-match': '*' } }
  expectStatus(await office.call('PUT', `/meetings/${id}`, options), 200)
}

/** What is to be told of the meeting is told: these get one more mail of it. */
async function hears(id: string, addresses: readonly string[]): Promise<void> {
  const countOf = (address: string) =>
    mail.received.filter(({ to, text }) => to === address && text.includes(id)).length
  const had = addresses.map(countOf)
  await eventually(async () => {
    await judge.hasten('invitation', [id])
    const missing = addresses.filter((address, i) => countOf(address) <= had[i]!)
    return missing.length === 0 ? undefined : `${missing.length} have no mail`
  })
}

async function hireStrangers(): Promise<Map<string, Person>> {
  const roles = ['admin', 'room_manager', 'auditor', 'guest']
  const hired = await Promise.all(roles.map(async (role) => [role, await office.hire(role)] as const))
  const elsewhere = await foundOffice(network, { people: 0, rooms: 0 })
  const paired = await office.call('POST', '/auth/devices/pair', { body: { roomId: subject.roomId } })
  const { code, id } = expectStatus(paired, 201).body
  const claimed = expectStatus(await office.call('POST', '/auth/devices/claim', { body: { code } }), 201).body
  return new Map([
    ['owner', office.owner],
    ['member', office.people[2]!],
    ...hired,
    ['panel', { id, email: '', token: claimed.deviceToken }],
    ['outsider', elsewhere.owner],
  ])
}
