import { describe, expect, test } from 'vitest'
import { NOW, aggregate, user } from '../../../testkit/meeting-facts.ts'
import { HOUR_MS } from '../../time/instant.ts'
import { parseInstant } from '../../time/iso.ts'
import type { Edit } from './edit-all.ts'
import { editOne } from './edit-one.ts'
import type { Occurrence, Participant } from '../meeting.ts'
import type { MeetingAggregate } from '../ports.ts'

const series = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, participants: [user('ana')], roomIds: ['a'] })
const at = (iso: string) => ({ instant: parseInstant(iso)! })

function edited(before: MeetingAggregate, edit: Edit, invited?: Participant[]) {
  const [, second] = before.occurrences.toSorted((a, b) => (a.recurrenceId < b.recurrenceId ? -1 : 1))
  const result = editOne(before, second as Occurrence, edit, { now: NOW, invited })
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  const { aggregate: after } = result.value
  return { after, override: after.occurrences.find((one) => one.recurrenceId === second?.recurrenceId)?.override }
}

describe('one occurrence', () => {
  test('moved has all its time of its own; with another end its length only', () => {
    expect(edited(series, { startTime: at('2026-11-25T12:00:00Z') }).override).toEqual({
      start: parseInstant('2026-11-25T12:00:00Z'),
      durationMs: HOUR_MS,
    })
    expect(edited(series, { endTime: at('2026-11-25T11:00:00Z') }).override).toEqual({ durationMs: 2 * HOUR_MS })
  })

  test('given back what its series has is no exception any more', () => {
    const { after } = edited(series, {
      title: 'Own',
      startTime: at('2026-11-25T12:00:00Z'),
      roomIds: ['b'],
      metadata: { a: 1 },
    })
    const back = { title: 'Planning', startTime: at('2026-11-25T09:00:00Z'), roomIds: ['a'], metadata: {} }
    expect(edited(after, back).override).toBeNull()
    // Sent back as it looks it stays as it is.
    expect(edited(after, { title: 'Own', roomIds: ['b'] }).override).toMatchObject({ title: 'Own', roomIds: ['b'] })
    expect(edited(series, { title: 'Planning', roomIds: ['a'] }).override).toBeNull()
  })

  test('invites people of its own, who are nobody’s when it lets them go', () => {
    const eve = user('eve')
    const { after, override } = edited(series, {}, [user('ana', { role: 'chair' }), eve])
    expect(override?.participants).toEqual([
      { id: 'ana', role: 'chair' },
      { id: 'eve', role: 'required' },
    ])
    expect(after.participants).toEqual([user('ana'), { ...eve, inSeries: false }])
    const again = edited(after, {}, [user('ana')])
    expect(again.override).toBeNull()
    expect(again.after.participants).toEqual([user('ana')])
  })
})
