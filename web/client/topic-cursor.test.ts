import { expect, test } from 'vitest'
import { judgeItem } from './topic-cursor.ts'

const cursor = { epoch: 3, seq: 7 }

test.each([
  ['the next one is applied', { epoch: 3, seq: 8, type: 'room.booked' }, 'apply'],
  ['one that came before is dropped', { epoch: 3, seq: 7, type: 'room.booked' }, 'known'],
  ['a jump is a gap', { epoch: 3, seq: 9, type: 'room.booked' }, 'gap'],
  ['another epoch is a gap, whatever its number', { epoch: 4, seq: 8, type: 'room.booked' }, 'gap'],
  ['a snapshot may jump ahead', { epoch: 3, seq: 90, type: 'snapshot' }, 'replace'],
  ['a snapshot may begin another epoch', { epoch: 4, seq: 1, type: 'snapshot' }, 'replace'],
])('%s', (_, item, verdict) => {
  expect(judgeItem(cursor, item)).toBe(verdict)
})
