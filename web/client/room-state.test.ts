import { describe, expect, test } from 'vitest'
import { foldRoomNews, roomStateOf } from './room-state.ts'

const NOW = Date.parse('2026-11-24T09:00:00Z')

function allocation(allocationId: string, start: string, end: string) {
  return { allocationId, start: `2026-11-24T${start}:00Z`, end: `2026-11-24T${end}:00Z`, kind: 'booking' }
}

const morning = allocation('a', '10:00', '11:00')
const noon = allocation('b', '12:00', '13:00')
const state = roomStateOf({ allocations: [noon, morning] }, NOW)
const ids = (spans: readonly { id: string }[]) => spans.map((span) => span.id)

describe('a room’s state', () => {
  test('a snapshot comes out in order of start', () => {
    expect(state).toEqual([
      { id: 'a', start: NOW + 3_600_000, end: NOW + 7_200_000, kind: 'booking' },
      { id: 'b', start: NOW + 10_800_000, end: NOW + 14_400_000, kind: 'booking' },
    ])
  })

  test('a booking is put where it belongs', () => {
    const after = foldRoomNews(state, { booked: [allocation('c', '11:00', '11:30')], released: [] }, NOW)
    expect(ids(after)).toEqual(['a', 'c', 'b'])
  })

  test('a move takes the old time away and brings the new one', () => {
    const after = foldRoomNews(state, { booked: [allocation('c', '15:00', '16:00')], released: ['a'] }, NOW)
    expect(ids(after)).toEqual(['b', 'c'])
  })

  test('an allocation that comes again replaces itself', () => {
    const after = foldRoomNews(state, { booked: [allocation('a', '14:00', '15:00')], released: [] }, NOW)
    expect(ids(after)).toEqual(['b', 'a'])
  })

  test('what is released and was never known, or events of other kinds, change nothing', () => {
    expect(foldRoomNews(state, { booked: [], released: ['x'] }, NOW)).toEqual(state)
    expect(foldRoomNews(state, {}, NOW)).toEqual(state)
  })

  test('months of a series and long gone days are not kept', () => {
    const far = { ...morning, allocationId: 'far', start: '2027-06-01T10:00:00Z', end: '2027-06-01T11:00:00Z' }
    expect(ids(foldRoomNews(state, { booked: [far] }, NOW))).toEqual(['a', 'b'])
    expect(ids(foldRoomNews(state, {}, NOW + 3 * 86_400_000))).toEqual([])
  })
})
