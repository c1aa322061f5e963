import { expect, test } from 'vitest'
import type { NewsEvent } from '../news.ts'
import { instant } from '../time/instant.ts'
import type { Hold, HoldClaim } from './hold.ts'
import { holdNews, withEndedHolds } from './hold-news.ts'

function claim(resourceId: string, more: Partial<HoldClaim> = {}): HoldClaim {
  const span = { start: instant(0), end: instant(60_000), blockedFrom: instant(0), blockedUntil: instant(60_000) }
  const id = `claim of ${resourceId}`
  return { id, resourceId, resourceKind: 'room', floorId: 'floor', exclusive: true, ...span, ...more }
}

function hold(id: string, claims: HoldClaim[]): Hold {
  const times = { start: instant(0), end: instant(60_000), createdAt: instant(0), expiresAt: instant(1_000) }
  return { id, userId: 'somebody', renewals: 0, claims, ...times }
}

const person = claim('ada', { resourceKind: 'person', floorId: null, exclusive: false })
const about = (events: readonly NewsEvent[]) => events.map(({ topic, type }) => `${type} ${topic}`)

test('rooms, their floor and people hear of a hold once each; only people’s topics name people, and none its owner', () => {
  const news = holdNews('hold.placed', hold('h', [claim('a'), claim('b'), person]))
  expect(about(news)).toEqual(
    ['holds:a', 'holds:floor', 'holds:b', 'holds:ada', 'room:a', 'room:b'].map((topic) => `hold.placed ${topic}`),
  )
  for (const { topic, data } of news) {
    expect(JSON.stringify(data).includes('ada')).toBe(topic === 'holds:ada')
    expect(JSON.stringify(data)).not.toContain('somebody')
  }
})

test('its owner hears that it has expired', () => {
  expect(about(holdNews('hold.expired', hold('h', [person])))).toEqual([
    'hold.expired holds:ada',
    'hold.expired person:somebody',
  ])
})

test('what a command says of a room says which holds went, too; of other rooms it is told beside', () => {
  const booked: NewsEvent = { topic: 'room:a', type: 'room.booked', data: { booked: [1], released: ['old'] } }
  const ended = [
    { hold: hold('h', [claim('a'), claim('b')]), type: 'hold.converted' as const },
    { hold: hold('i', [claim('b', { id: 'another' })]), type: 'hold.expired' as const },
  ]
  const news = withEndedHolds([booked], ended)
  expect(about(news)).toEqual([
    'hold.converted holds:a',
    'hold.converted holds:floor',
    'hold.converted holds:b',
    'hold.expired holds:b',
    'hold.expired holds:floor',
    'hold.expired person:somebody',
    'room.booked room:a',
    'hold.converted room:b',
  ])
  expect(news.at(-2)?.data).toEqual({ booked: [1], released: ['old', 'claim of a'] })
  expect(news.at(-1)?.data).toEqual({ booked: [], released: ['claim of b', 'another'] })
  expect(withEndedHolds([booked], [])).toEqual([booked])
})

test('of a hold that keeps rooms its end is told where nothing of it stays, and what stays everywhere else', () => {
  const rest = hold('h', [claim('b'), person])
  const news = withEndedHolds([], [{ hold: hold('h', [claim('a')]), type: 'hold.converted', rest }])
  expect(about(news)).toEqual([
    'hold.converted holds:a',
    'hold.changed holds:b',
    'hold.changed holds:floor',
    'hold.changed holds:ada',
    'hold.converted room:a',
  ])
  expect(news[1]?.data).toMatchObject({ id: 'h', resourceIds: ['b'] })
})
