import { describe, expect, test } from 'vitest'
import type { RoomBooking, RoomStateView } from '../client/contract.ts'
import { doorWords, warningOf } from './door-words.ts'
import { extensions, walkUpChoices } from './door-choices.ts'
import { type Known, nextChange, stateAt } from './state-at.ts'

const ZONE = 'Europe/Berlin'
/** On the wall of the zone. */
const at = (time: string) => Date.parse(`2026-11-24T${time}+01:00`)
const iso = (time: string) => new Date(at(time)).toISOString()

function booking(start: string, end: string, more: Partial<RoomBooking> = {}): RoomBooking {
  const common = { allocationId: start, meetingId: 'm', checkIn: 'later', checkInOpensAt: iso(start) } as const
  const none = { checkedInAt: null, releaseAt: null, warnedAt: null, keptAt: null }
  return { ...common, ...none, start: iso(start), end: iso(end), ...more }
}

function known(view: Partial<RoomStateView>, more: Partial<Known> = {}): Known {
  const common = { roomId: 'r', status: 'free', current: null, next: null, freeUntil: null } as const
  return { view: { ...common, occupancy: null, staleSince: null, ...view }, readAt: at('09:00'), spans: [], ...more }
}

const words = (facts: Known, time: string) => doorWords(stateAt(facts, at(time)), at(time), ZONE)

describe('a panel that hears nothing', () => {
  const next = booking('10:00', '11:00', { checkInOpensAt: iso('09:50'), title: 'Review', organizer: 'Mara' })
  const spans = [
    { id: '10:00', start: at('10:00'), end: at('11:00'), kind: 'booking' },
    { id: '11:00', start: at('11:00'), end: at('11:30'), kind: 'booking' },
    { id: 'gone', start: at('08:30'), end: at('11:30'), kind: 'booking' },
  ]
  const facts = known({ next, freeUntil: iso('10:00') }, { spans })

  test.each([
    ['09:30', 'Free', 'until 10:00', '', 'Next 10:00–11:00 · Review · Mara'],
    ['09:50', 'Reserved', '10:00–11:00', 'Review · Mara', 'Next 11:00–11:30 · Reserved'],
    ['10:30', 'Reserved', 'until 11:00', 'Review · Mara', 'Next 11:00–11:30 · Reserved'],
    ['11:10', 'Reserved', 'until 11:30', '', 'Nothing else reserved'],
    ['11:30', 'Free', 'today', '', 'Nothing else reserved'],
  ])('at %s says %s %s', (time, word, until, title, after) => {
    expect(words(facts, time)).toEqual({ word, until, title, next: after })
  })

  test('asks again when the clock alone changes something', () => {
    expect(nextChange(facts, at('09:30'))).toBe(at('09:50'))
    expect(nextChange(facts, at('09:50'))).toBe(at('10:00'))
    expect(nextChange(known({}), at('09:30'))).toBe(Infinity)
  })
})

describe('a room in use', () => {
  const current = booking('10:00', '11:00', { checkIn: 'done', checkedInAt: iso('09:58') })
  const inUse = { status: 'checked_in', current, next: booking('11:15', '12:00') } as const

  test('does not say what its meeting is about where that may not be read', () => {
    expect(words(known(inUse), '10:30')).toMatchObject({ word: 'In use', until: 'until 11:00', title: 'Reserved' })
  })

  test('is free after its end, overrun when somebody is still inside, and the next one’s when that begins', () => {
    expect(stateAt(known(inUse), at('11:00')).status).toBe('free')
    const seen = known({ ...inUse, occupancy: { present: true, count: 2, at: iso('10:59') } })
    expect(words(seen, '11:05')).toMatchObject({ word: 'Overrun', until: 'next booking at 11:15' })
    expect(stateAt(seen, at('11:15'))).toMatchObject({ status: 'reserved', current: { allocationId: '11:15' } })
  })

  test('is extended only by what fits before the next booking', () => {
    expect(extensions(stateAt(known(inUse), at('10:30')))).toEqual([15])
    expect(extensions(stateAt(known({ ...inUse, next: null }), at('10:30')))).toEqual([15, 30])
  })

  test('is asked whether it is over when nobody is seen, once somebody had checked in', () => {
    const asked = (warnedAt: string) => stateAt(known({ ...inUse, current: { ...current, warnedAt } }), at('10:40'))
    expect(warningOf(asked(iso('09:55')), ZONE)).toBeUndefined()
    expect(warningOf(asked(iso('10:30')), ZONE)?.answer).toBe('checkin')
  })
})

test('a room that is about to be released says when, until somebody keeps it', () => {
  const warned = { checkIn: 'open', warnedAt: iso('10:08'), releaseAt: iso('10:10') } as const
  const facts = (more: Partial<RoomBooking>) =>
    stateAt(known({ status: 'reserved', current: booking('10:00', '11:00', { ...warned, ...more }) }), at('10:09'))
  expect(warningOf(facts({}), ZONE)).toEqual({
    sentence: 'This room is released at 10:10 unless somebody checks in.',
    answer: 'keep',
  })
  expect(warningOf(facts({ keptAt: iso('10:09'), releaseAt: null }), ZONE)).toBeUndefined()
})

test('time to set up is not free, and a room that is closed stays closed', () => {
  const facts = known({ next: booking('10:00', '11:00'), freeUntil: iso('09:45') })
  expect(words(facts, '09:40').until).toBe('until 09:45')
  expect(words(facts, '09:50')).toMatchObject({ word: 'Closed', until: 'next booking at 10:00' })
  expect(stateAt(known({ status: 'blocked' }), at('12:00')).status).toBe('blocked')
})

test.each([
  ['08:00', []],
  ['09:56', []],
  ['09:50', ['10']],
  ['09:20', ['15', '30', '40']],
  ['09:15', ['15', '30', '45']],
  ['07:30', ['15', '30', '45', '60']],
])('at %s the walk-ups that fit before ten are %j', (time, expected) => {
  const facts = known({ next: booking('10:00', '11:00'), status: time === '08:00' ? 'unknown' : 'free' })
  expect(walkUpChoices(stateAt(facts, at(time)), at(time)).map(({ minutes }) => `${minutes}`)).toEqual(expected)
})
