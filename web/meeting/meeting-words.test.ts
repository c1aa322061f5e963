import { describe, expect, test } from 'vitest'
import type { Meeting, User } from '../client/contract.ts'
import { mayWrite, readOnlyWords } from './meeting-words.ts'

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
