import { describe, expect, test } from 'vitest'
import type { Meeting, User } from '../client/contract.ts'
import { mayWrite, readOnlyWords, whenThere, whenWords } from './meeting-words.ts'

const BERLIN = 'Europe/Berlin'
const span = { start: Date.parse('2026-11-24T13:00Z'), end: Date.parse('2026-11-24T13:30Z') }

test('a time is told by the viewer’s clock, and by the meeting’s where that differs', () => {
  expect(whenWords(span, BERLIN)).toBe('Tue 24 Nov, 14:00–14:30, Berlin time (UTC+1)')
  expect(whenThere(span, 'America/New_York', BERLIN)).toBe('Tue 24 Nov, 08:00–08:30, New York time (UTC−5)')
  expect(whenThere(span, 'Europe/Paris', BERLIN)).toBeUndefined()
  const night = { start: Date.parse('2026-11-24T22:30Z'), end: Date.parse('2026-11-25T01:00Z') }
  expect(whenWords(night, BERLIN)).toBe('Tue 24 Nov, 23:30–Wed 25 Nov 02:00, Berlin time (UTC+1)')
})

describe('in the document', () => {
  const meeting = {
    organizer: { id: 'olga', firstName: 'Olga', lastName: 'Owner' },
    participants: [{ userId: 'ben', role: 'required', response: 'accepted' }],
    visibility: 'organization',
  } as unknown as Meeting
  const user = (id: string, role = 'member') => ({ id, role }) as User

  test.each([
    ['its organizer', user('olga'), meeting, true],
    ['a participant', user('ben'), meeting, true],
    ['a colleague', user('ana'), meeting, false],
    ['an admin', user('ana', 'admin'), meeting, true],
    ['an admin, when it is private,', user('ana', 'admin'), { ...meeting, visibility: 'busy_only' as const }, false],
  ])('%s writes, or does not', (_who, who, which, may) => {
    expect(mayWrite(which, who)).toBe(may)
  })

  test('who only reads is told whom to ask', () => {
    expect(readOnlyWords(meeting)).toContain('Olga Owner')
  })
})
