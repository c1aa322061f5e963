import { expect, test } from 'vitest'
import { ORGANIZER, aggregate, user } from '../../testkit/meeting-facts.ts'
import type { Actor, Role } from '../identity/actor.ts'
import { movedMeeting } from './moved-meeting.ts'

const RECURRENCE_ID = '20261125T100000'

test('who may move a series moves no occurrence of it that he may not read: its people are not his to know', () => {
  const series = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, participants: [user('ana')] })
  const secret = series.occurrences.map((one) =>
    one.recurrenceId === RECURRENCE_ID ? { ...one, override: { visibility: 'participants' as const } } : one,
  )
  const moved = (userId: string, role: Role, recurrenceId?: string) => {
    const actor: Actor = { organizationId: 'o', userId, role, sessionId: '', requestId: '' }
    const found = movedMeeting(actor, { ...series, occurrences: secret }, recurrenceId)
    return found.ok ? found.value.participants.map(({ id }) => id) : found.error.code
  }
  expect(moved('boss', 'owner', RECURRENCE_ID)).toBe('forbidden')
  expect(moved('boss', 'owner', '20261126T100000')).toEqual(['ana'])
  expect(moved(ORGANIZER, 'member', RECURRENCE_ID)).toEqual(['ana'])
})
