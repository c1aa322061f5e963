import { describe, expect, test } from 'vitest'
import { NOW, ORGANIZER, aggregate, guest, idMaker, nameOf, roomFacts, user } from '../../testkit/meeting-facts.ts'
import { DAY_MS, MINUTE_MS, plus } from '../time/instant.ts'
import { type ClaimRequest, busyPeople, headCount, planClaims, settledKey } from './claims.ts'
import type { Claim, Participant } from './meeting.ts'
import type { RoomFacts } from './ports.ts'

const aurora = roomFacts({ id: 'aurora' })
const borealis = roomFacts({ id: 'borealis' })
const three = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3' } }).occurrences
const one = three.slice(0, 1)

function request(given: Partial<ClaimRequest> = {}): ClaimRequest {
  const isRecurring = (given.occurrences ?? one).length > 1
  return {
    now: NOW,
    organizerId: ORGANIZER,
    participants: [],
    occurrences: one,
    rooms: [aurora],
    isRecurring,
    ...given,
  }
}

function claims(given: Partial<ClaimRequest> = {}): Claim[] {
  const result = planClaims(idMaker(), request(given))
  if (!result.ok) throw new Error(result.error.detail)
  return result.value.added
}

/** What changes when a meeting that had `before` gets `after`. */
function change(before: Partial<ClaimRequest>, after: Partial<ClaimRequest>, roomsNow?: RoomFacts[]) {
  const had = request(before)
  const standing = { ...had, rooms: roomsNow ?? had.rooms, claims: claims(before) }
  const result = planClaims(idMaker(), request(after), standing)
  return result.ok ? { removed: result.value.removed.map(nameOf), added: result.value.added.map(nameOf) } : result.error
}

const bookable = (bookingRules: RoomFacts['bookingRules'], more: Partial<RoomFacts> = {}) =>
  roomFacts({ bookingRules, ...more })
const people = (n: number): Participant[] => Array.from({ length: n }, (_, i) => user(`p${i}`))

describe('a meeting claims', () => {
  test('its rooms for itself with their buffers, and its people without either', () => {
    const rooms = [bookable({ bufferBeforeMinutes: 10, bufferAfterMinutes: 5 })]
    const [room, organizer, ana, ...rest] = claims({ rooms, participants: [user('ana'), user(ORGANIZER)] })
    const { start, end } = one[0]!
    expect(room).toMatchObject({ resourceId: 'aurora', exclusive: true, start, end })
    expect(room).toMatchObject({ blockedFrom: plus(start, -10 * MINUTE_MS), blockedUntil: plus(end, 5 * MINUTE_MS) })
    expect(organizer).toMatchObject({ resourceId: ORGANIZER, exclusive: false, blockedFrom: start, blockedUntil: end })
    expect(ana).toMatchObject({ resourceId: 'ana', resourceKind: 'person' })
    expect(rest).toEqual([])
  })

  test('nothing for who declined or is known by e-mail only, and nothing for what is cancelled', () => {
    const participants = [user('ana', { response: 'declined' }), guest('g@example.org')]
    const occurrences = [three[0]!, { ...three[1]!, status: 'cancelled' as const }]
    expect(claims({ participants, occurrences, rooms: [] }).map(nameOf)).toEqual([`${ORGANIZER} 20261124T100000`])
    expect(busyPeople({ organizerId: ORGANIZER, participants })).toEqual([ORGANIZER])
  })

  test('at most 20,000 times', () => {
    const occurrences = Array.from({ length: 200 }, (_, i) => ({
      ...one[0]!,
      start: plus(NOW, i * DAY_MS),
      end: plus(NOW, i * DAY_MS + MINUTE_MS),
      recurrenceId: `id-${i}` as never,
    }))
    expect(claims({ occurrences, rooms: [], participants: people(99) })).toHaveLength(20_000)
    expect(planClaims(idMaker(), request({ occurrences, participants: people(99) }))).toMatchObject({
      error: { code: 'too_large' },
    })
  })
})

describe('a room refuses', () => {
  const refusal = (given: Partial<ClaimRequest>) => {
    const result = planClaims(idMaker(), request(given))
    return result.ok ? undefined : result.error
  }

  test('more heads than it has seats, counting guests and the organizer once', () => {
    const small = roomFacts({ capacity: 3 })
    const participants = [user(ORGANIZER), user('ana'), guest('g@example.org'), user('no', { response: 'declined' })]
    expect(headCount({ organizerId: ORGANIZER, participants })).toBe(3)
    expect(refusal({ rooms: [small], participants })).toBeUndefined()
    const over = refusal({ rooms: [small], participants: [...participants, user('eve')] })
    expect(over).toMatchObject({ code: 'capacity', detail: '4 people need seats; in aurora there are 3.' })
    expect(refusal({ rooms: [small, roomFacts({ id: 'b', capacity: 1 })], participants: people(3) })).toBeUndefined()
    expect(refusal({ rooms: [], participants: people(400) })).toBeUndefined()
  })

  test('what its rules forbid, naming each occurrence', () => {
    const rules = [
      { maxDurationMinutes: 30 },
      { minNoticeMinutes: 2 * 24 * 60 },
      { horizonDays: 1 },
      { allowRecurring: false },
    ]
    for (const bookingRules of rules) {
      const answer = refusal({ rooms: [borealis, bookable(bookingRules)], occurrences: three })
      expect(answer).toMatchObject({ code: 'rule_violation' })
      expect(answer?.conflicts?.[0]).toMatchObject({ resourceId: 'aurora', kind: 'rule' })
    }
    const horizon = refusal({ rooms: [bookable({ horizonDays: 2 })], occurrences: three })
    expect(horizon?.conflicts?.map((conflict) => conflict.recurrenceId)).toEqual(['20261126T100000'])
    expect(refusal({ rooms: [bookable({ allowRecurring: false })] })).toBeUndefined()
    expect(refusal({ rooms: [bookable({ allowRecurring: false })], isRecurring: true })).toMatchObject({
      code: 'rule_violation',
    })
    expect(refusal({ rooms: [roomFacts({ isActive: false })] })).toMatchObject({ code: 'rule_violation' })
  })

  test('a series that overlaps itself, buffers included', () => {
    const long = aggregate({ durationMs: 23 * 3_600_000, recurrence: { rrule: 'FREQ=DAILY;COUNT=3' } }).occurrences
    expect(refusal({ occurrences: long })).toBeUndefined()
    const rooms = [bookable({ bufferBeforeMinutes: 30, bufferAfterMinutes: 31 })]
    expect(refusal({ occurrences: long, rooms })).toMatchObject({
      code: 'slot_conflict',
      conflicts: [{ recurrenceId: '20261125T100000' }, { recurrenceId: '20261126T100000' }],
    })
    expect(refusal({ occurrences: long, rooms: [bookable({ bufferBeforeMinutes: 60 })] })).toBeUndefined()
  })
})

describe('a change claims only what is new', () => {
  test('in rooms, people and occurrences', () => {
    expect(change({}, {})).toEqual({ removed: [], added: [] })
    expect(change({}, { rooms: [aurora, borealis] })).toEqual({ removed: [], added: ['borealis 20261124T100000'] })
    expect(change({ participants: [user('ana')] }, { participants: [user('eve')] })).toEqual({
      removed: ['ana 20261124T100000'],
      added: ['eve 20261124T100000'],
    })
    expect(change({ occurrences: three }, { occurrences: three.slice(0, 2), isRecurring: true })).toMatchObject({
      removed: ['aurora 20261126T100000', `${ORGANIZER} 20261126T100000`],
      added: [],
    })
  })

  test('and of a room that was left early nothing, unless it is wanted at another time or not at all', () => {
    const [held] = claims()
    const cut = { ...held!, end: plus(held!.start, MINUTE_MS) }
    const standing = {
      ...{ ...request(), claims: [cut, ...claims({ rooms: [] })] },
      settled: new Set([settledKey('aurora', cut)]),
    }
    const ask = (given: Partial<ClaimRequest>) => {
      const result = planClaims(idMaker(), request(given), standing)
      if (!result.ok) throw new Error(result.error.detail)
      return [result.value.removed, result.value.added].map((list) =>
        list.filter(({ resourceKind }) => resourceKind === 'room').map(({ start }) => start - cut.start),
      )
    }
    const later = one.map((o) => ({ ...o, start: plus(o.start, DAY_MS), end: plus(o.end, DAY_MS) }))
    expect(ask({})).toEqual([[], []])
    expect(ask({ occurrences: later })).toEqual([[0], [DAY_MS]])
    expect(ask({ rooms: [] })).toEqual([[0], []])
  })

  test('so buffers, rules or closing that a room was given since leave what stands alone', () => {
    const stricter = roomFacts({ isActive: false, bookingRules: { bufferBeforeMinutes: 30, maxDurationMinutes: 5 } })
    expect(change({}, { rooms: [stricter], participants: [user('ana')] }, [stricter])).toEqual({
      removed: [],
      added: ['ana 20261124T100000'],
    })
    const moved = [{ ...one[0]!, start: plus(one[0]!.start, 1), end: plus(one[0]!.end, 1) }]
    expect(change({}, { rooms: [stricter], occurrences: moved }, [stricter])).toMatchObject({ code: 'rule_violation' })
  })

  test('and counts seats again when heads are added or seats given up, guests without a claim included', () => {
    const small = roomFacts({ capacity: 2 })
    const both = { rooms: [small, borealis], participants: people(4) }
    expect(change(both, { rooms: [small], participants: people(4) })).toMatchObject({ code: 'capacity' })
    expect(
      change({ rooms: [small] }, { rooms: [small], participants: [guest('a@x.org'), guest('b@x.org')] }),
    ).toMatchObject({
      code: 'capacity',
    })
    // A room that lost seats since does not stop fewer people from meeting there.
    const shrunk = roomFacts({ capacity: 1 })
    expect(change({ participants: people(4) }, { rooms: [shrunk], participants: people(3) }, [shrunk])).toEqual({
      removed: ['p3 20261124T100000'],
      added: [],
    })
  })
})
