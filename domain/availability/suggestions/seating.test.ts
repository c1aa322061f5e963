import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Case,
  EMPTY,
  HOUR,
  MONDAY_9,
  PERSON,
  ROOM,
  cases,
  finished,
  wishOf,
} from '../../../testkit/suggest-cases.ts'
import { suggest as suggesting } from './suggest.ts'
import type { Guest, Wish } from './wish.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const suggest = (wish: Wish, limit: number) => finished(suggesting(wish, limit))

describe('the seats of a slot', () => {
  const member = (id: string) => ({ ...PERSON, id, zone: 'UTC', role: 'member' as const })
  const place = (id: string, capacity: number) => ({ ...ROOM, id, capacity })
  const ask = (given: Partial<Case>) =>
    wishOf({
      ...EMPTY,
      from: MONDAY_9,
      minutes: 2 * HOUR,
      wantsRooms: 1,
      people: ['a', 'b', 'c', 'd'].map(member),
      ...given,
    })

  test('are for all who it says come; who of a group has none is named', () => {
    const small = [place('r1', 2), place('r2', 2), place('r3', 3)]
    const [slot] = suggest(ask({ k: 2, places: small }), 1).slots
    expect(slot).toMatchObject({ roomIds: ['r3'], attendance: { present: ['a', 'b'], absent: ['c', 'd'] } })
    expect(slot?.reasons).toEqual(
      expect.arrayContaining([
        'All 4 people can come.',
        'There is no seat for P c and P d.',
        'R r3 is free and seats 3 for 3.',
      ]),
    )
    const [large] = suggest(ask({ k: 2, places: [...small, place('r9', 9)] }), 1).slots
    expect(large).toMatchObject({ roomIds: ['r9'], attendance: { present: ['a', 'b', 'c', 'd'], absent: [] } })
  })

  test('are one each, in however many groups somebody is, and for whoever asks', () => {
    const wish = ask({ k: 2, places: [place('r1', 3)] })
    const [a, b, c, d] = wish.quorums[0]!.members as [Guest, Guest, Guest, Guest]
    const me = { ...a, id: 'me' }
    const groups = (...all: Guest[][]) => ({
      ...wish,
      quorums: all.map((members, group) => ({ group, k: 2, members })),
    })
    const present = (asked: Wish) => suggest(asked, 1).slots[0]?.attendance.present
    expect(present(groups([a, b], [c, d]))).toEqual(undefined)
    expect(present(groups([a, c, d], [a, c, b]))).toEqual(['a', 'c'])
    expect(present(groups([me, b, c], [me, c, d]))).toEqual(['b', 'c', 'me'].toSorted())
    expect(present({ ...groups([a, b, c]), required: [b] })).toEqual(['a', 'b'])
  })

  test(`are enough in every slot, however groups overlap (seed ${SEED})`, () => {
    let found = 0
    const group = fc.record({ k: fc.integer({ min: 1, max: 3 }), of: fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }) })
    fc.assert(
      fc.property(cases(), fc.array(group, { minLength: 1, maxLength: 3 }), (given, groups) => {
        const wish = wishOf({ ...given, wantsRooms: 1, durationMinutes: 15, series: null })
        const guests = [...wish.required, ...wish.optional, ...wish.quorums.flatMap(({ members }) => members)]
        const quorums = groups
          .map(({ k, of }, i) => ({ group: i, k, members: of.flatMap((n) => guests[n] ?? []) }))
          .filter(({ k, members }) => members.length >= k)
        const named = new Set(['me', ...[...wish.required, ...wish.optional].map(({ id }) => id)])
        for (const { roomIds, attendance } of suggest({ ...wish, quorums }, 1_000).slots) {
          found += 1
          const present = new Set(attendance.present)
          const seats = given.places.find(({ id }) => id === roomIds[0])!.capacity
          expect(new Set([...named, ...present]).size).toBeLessThanOrEqual(seats)
          for (const { k, members } of quorums) {
            expect(members.filter(({ id }) => present.has(id)).length).toBeGreaterThanOrEqual(k)
          }
        }
      }),
      { seed: SEED, numRuns: 50 },
    )
    expect(found).toBeGreaterThan(20)
  })
})
