import { expect, test } from 'vitest'
import { saveWords } from './save-line.tsx'

const state = { phase: 'live', waiting: 0, denied: undefined, end: undefined } as const

test('saved is said only of what is stored', () => {
  expect(saveWords(state, true, false).words).toBe('Saved')
  expect(saveWords({ ...state, waiting: 2 }, true, false).words).toBe('Saving…')
  expect(saveWords(state, false, false).words).toBe('Saving…')
})

test('without a connection it says how much waits', () => {
  expect(saveWords({ ...state, phase: 'away' }, true, false).words).toBe('Offline')
  expect(saveWords({ ...state, phase: 'away', waiting: 1 }, true, false).words).toBe('Offline: 1 change waits')
  expect(saveWords({ ...state, phase: 'away', waiting: 3 }, true, false).words).toBe('Offline: 3 changes wait')
})

test('what the server does not take is not saved, and who reads waits for nothing', () => {
  expect(saveWords({ ...state, waiting: 1, denied: 'No.' }, true, false).words).toBe('Not saved')
  expect(saveWords({ ...state, waiting: 1, denied: 'No.' }, true, true).words).toBe('Read only, live')
})
