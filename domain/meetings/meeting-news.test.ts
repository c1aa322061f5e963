import { describe, expect, test } from 'vitest'
import { ORGANIZER, aggregate, idMaker, NOW, roomFacts, user } from '../../testkit/meeting-facts.ts'
import { planClaims } from './claims.ts'
import { meetingNews } from './meeting-news.ts'
import { meetingView } from './meeting-view.ts'
import type { Claim } from './meeting.ts'
import type { MeetingAggregate } from './ports.ts'

const rooms = [roomFacts({ id: 'aurora' }), roomFacts({ id: 'borealis' })]
const view = (of: MeetingAggregate) => meetingView(of.meeting, of.participants, { rooms: new Map(), people: new Map() })
const facts = { people: new Map() }
const topics = (events: { topic: string; type: string }[]) =>
  events.map(({ topic, type }) => `${topic} ${type}`).toSorted()

function claimsOf(of: MeetingAggregate): Claim[] {
  const { meeting, ...rest } = of
  const planned = planClaims(idMaker(), {
    now: NOW,
    organizerId: meeting.organizerId,
    rooms,
    isRecurring: true,
    ...rest,
  })
  if (!planned.ok) throw new Error(planned.error.detail)
  return planned.value.added
}

const series = aggregate({
  recurrence: { rrule: 'FREQ=DAILY;COUNT=3' },
  cancelled: ['20261125T100000'],
  participants: [user('ana'), user('no', { response: 'declined' }), user(ORGANIZER)],
})

describe('the news of a meeting', () => {
  test('that is booked: one event per topic, however many occurrences and rooms', () => {
    const events = meetingNews({
      type: 'meeting.created',
      facts,
      view: view(series),
      aggregate: series,
      released: [],
      booked: claimsOf(series),
    })
    expect(topics(events)).toEqual([
      'meeting:meeting meeting.created',
      'person:ana participant.invited',
      `person:${ORGANIZER} meeting.created`,
      'room:aurora room.booked',
      'room:borealis room.booked',
    ])
    const ana = events.find((event) => event.topic === 'person:ana')?.data as { entries: { recurrenceId: string }[] }
    expect(ana.entries.map((entry) => entry.recurrenceId)).toEqual(['20261124T100000', '20261126T100000'])
  })

  test('tells a room nothing but ids, times, kind and status', () => {
    const secret = {
      ...series,
      meeting: { ...series.meeting, title: 'Secret', description: 'Secret', metadata: { s: 'Secret' } },
    }
    const events = meetingNews({
      type: 'meeting.created',
      facts,
      view: view(secret),
      aggregate: secret,
      released: [],
      booked: claimsOf(secret),
    })
    const room = events.filter((event) => event.topic.startsWith('room:'))
    expect(JSON.stringify(room)).not.toMatch(/Secret|ana|organizer/)
    expect(room[0]?.data).toMatchObject({
      booked: [{ kind: 'booking', status: 'confirmed', recurrenceId: '20261124T100000' }, {}],
    })
  })

  test('that changes: who is new is invited, who is gone has it taken from his agenda', () => {
    const booked = claimsOf(series).filter((claim) => claim.resourceId === 'borealis')
    const released = claimsOf(series).filter((claim) => claim.resourceId === 'aurora')
    const before = [ORGANIZER, 'eve']
    const events = meetingNews({
      type: 'meeting.updated',
      facts,
      view: view(series),
      aggregate: series,
      released,
      booked,
      before,
    })
    expect(topics(events)).toEqual([
      'meeting:meeting meeting.updated',
      'person:ana participant.invited',
      'person:eve meeting.cancelled',
      `person:${ORGANIZER} meeting.updated`,
      'room:aurora room.released',
      'room:borealis room.booked',
    ])
    const left = events.find((event) => event.topic === 'person:eve')?.data
    expect(left).toEqual({ meetingId: 'meeting', organizerId: ORGANIZER, entries: [] })
    const gone = events.find((event) => event.topic === 'room:aurora')?.data
    expect(gone).toMatchObject({ booked: [], released: released.map((claim) => claim.id) })
  })

  test('names to who is invited to one occurrence that one, and not the series', () => {
    const [first, ...others] = series.occurrences
    const own = { title: 'Visit', participants: [{ id: 'eve', role: 'required' as const }] }
    const visited = {
      ...series,
      participants: [...series.participants, user('eve', { inSeries: false })],
      occurrences: [{ ...first!, override: own }, ...others],
    }
    const events = meetingNews({
      ...{ type: 'meeting.updated', facts, view: view(visited), aggregate: visited, released: [], booked: [] },
    })
    const told = events.find((event) => event.topic === 'person:eve')
    expect(told).toMatchObject({ data: { entries: [{ title: 'Visit' }] } })
    expect(JSON.stringify(told)).not.toContain('Planning')
  })

  test('that is cancelled: everybody who had it loses it, and its rooms are given back', () => {
    const released = claimsOf(series)
    const before = [ORGANIZER, 'ana']
    const events = meetingNews({
      type: 'meeting.cancelled',
      facts,
      view: view(series),
      aggregate: series,
      released,
      booked: [],
      before,
    })
    expect(topics(events)).toEqual([
      'meeting:meeting meeting.cancelled',
      'person:ana meeting.cancelled',
      `person:${ORGANIZER} meeting.cancelled`,
      'room:aurora room.released',
      'room:borealis room.released',
    ])
  })
})
