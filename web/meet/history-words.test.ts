import { expect, test } from 'vitest'
import { actorWords, historyWords } from './history-words.ts'

const entry = {
  id: '1',
  at: '2026-11-22T10:00:00Z',
  actor: { id: 'a', name: 'Ana Alves' },
  onBehalfOf: null,
  action: 'meeting.change',
  scope: 'all' as const,
  recurrenceId: null,
  changes: {},
}

test('a move and a new name are told as such, with how far they went', () => {
  const changes = {
    startTime: { before: '2026-11-24T09:00:00Z', after: '2026-11-24T10:00:00Z' },
    endTime: { before: '2026-11-24T09:30:00Z', after: '2026-11-24T10:30:00Z' },
    title: { before: 'Sync', after: 'Stand-up' },
  }
  const said = { ...entry, changes, scope: 'this' as const, recurrenceId: '20261124T090000' }
  expect(historyWords(said, 'UTC')).toBe('moved it to Tue 24 Nov 10:00, named it “Stand-up” (only Tue 24 Nov)')
})

test('an entry of another kind says at least what was done', () => {
  expect(historyWords({ ...entry, action: 'meeting.book' }, 'UTC')).toBe('booked it')
  expect(historyWords({ ...entry, changes: { response: { after: 'declined' } } }, 'UTC')).toBe('said no')
})

test('a delegate is named together with whom he acts for', () => {
  expect(actorWords(entry)).toBe('Ana Alves')
  expect(actorWords({ ...entry, onBehalfOf: { id: 'b', name: 'Ben' } })).toBe('Ana Alves for Ben')
})
