import { describe, expect, test } from 'vitest'
import { NOW, ORGANIZER, aggregate, guest, user } from '../../testkit/meeting-facts.ts'
import { HOUR_MS, plus } from '../time/instant.ts'
import type { Override } from '../meetings/meeting.ts'
import { NOTHING_TOLD, announce, splitTold, toldOf } from './announce.ts'

const terms = { now: NOW, doneBy: ORGANIZER }
const people = [user('ana'), guest('gil@example.net'), user('dora', { response: 'declined' })]

function lines(messages: ReturnType<typeof announce>['messages']): string[] {
  return messages.map((message) => `${message.kind} ${message.recipient}`)
}

describe('what people are told of a meeting', () => {
  test('a new one is an invitation to all but who made it and who declined', () => {
    const { messages, told } = announce(NOTHING_TOLD, aggregate({ participants: people }), terms)
    expect(lines(messages)).toEqual(['invitation ana', 'invitation gil@example.net'])
    expect(told.recipients).toEqual([ORGANIZER, 'ana', 'gil@example.net', 'dora'])
  })

  test('once more is nothing', () => {
    const meeting = aggregate({ participants: people })
    expect(announce(toldOf(meeting, NOW), meeting, terms).messages).toEqual([])
  })

  test('another person is invited, one who was left out hears so, the rest nothing', () => {
    const before = toldOf(aggregate({ participants: people }), NOW)
    const { messages } = announce(before, aggregate({ participants: [user('ben'), guest('gil@example.net')] }), terms)
    expect(lines(messages)).toEqual(['cancellation ana', 'invitation ben'])
  })

  test('one who was left out hears the title he knew, not the one it was given without him', () => {
    const before = aggregate({ participants: people, meeting: { title: 'Known' } })
    const after = aggregate({ participants: [guest('gil@example.net')], meeting: { title: 'Unknown' } })
    const { messages, told } = announce(toldOf(before, NOW), after, terms)
    expect(messages).toMatchObject([{ kind: 'cancellation', recipient: 'ana', content: { title: 'Known' } }])
    expect(told.title).toBe('Unknown')
  })

  test('a moved series tells of each occurrence where it was', () => {
    const daily = { recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, participants: [user('ana')] }
    const before = aggregate({ ...daily, start: '2026-11-24T10:00' })
    const after = aggregate({ ...daily, start: '2026-11-24T11:00' })
    const { messages } = announce(toldOf(before, NOW), after, terms)
    expect(lines(messages)).toEqual(['change ana'])
    expect(messages[0]?.content).toEqual({
      more: 0,
      occurrences: after.occurrences.map(({ recurrenceId, start, end }) => {
        return { recurrenceId, start, end, was: { start: plus(start, -HOUR_MS), end: plus(end, -HOUR_MS) } }
      }),
    })
  })

  test('one occurrence that is gone is told alone; a title is not told', () => {
    const daily = { recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, participants: [user('ana')] }
    const before = aggregate(daily)
    const after = aggregate({ ...daily, cancelled: ['20261125T100000'], meeting: { title: 'Other' } })
    const { messages } = announce(toldOf(before, NOW), after, terms)
    expect(messages).toMatchObject([
      { kind: 'change', content: { occurrences: [{ recurrenceId: '20261125T100000', isGone: true }], more: 0 } },
    ])
    expect(announce(toldOf(before, NOW), aggregate({ ...daily, meeting: { title: 'Other' } }), terms).messages).toEqual(
      [],
    )
  })

  test('an occurrence is told by the title of its own, and one that is gone by the title it had', () => {
    const before = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, participants: [user('ana')] })
    const titled = (override: Override) => ({
      ...before,
      occurrences: before.occurrences.map((one, i) => (i === 1 ? { ...one, override } : one)),
    })
    const own = titled({ title: 'Review' })
    const invitation = announce(NOTHING_TOLD, own, terms).messages[0]
    expect(invitation?.content.occurrences.map(({ title }) => title)).toEqual([undefined, 'Review', undefined])
    const gone = { ...own, occurrences: own.occurrences.filter((_, i) => i !== 1) }
    expect(announce(toldOf(own, NOW), gone, terms).messages[0]?.content.occurrences).toMatchObject([
      { title: 'Review', isGone: true },
    ])
    const { told } = announce(NOTHING_TOLD, titled({ title: 'Review', roomIds: ['x'] }), terms)
    const { head, rest } = splitTold(told, before.occurrences[1]!.recurrenceId)
    expect([head.titles, rest.titles]).toEqual([{}, { '20261125T100000': 'Review' }])
    expect([head.own, Object.keys(rest.own ?? {})]).toEqual([{}, ['20261125T100000']])
    expect([head, rest].map(({ occurrences }) => occurrences.map(([id]) => id.slice(6, 8)))).toEqual([
      ['24'],
      ['25', '26'],
    ])
  })

  test('a longer horizon is no change', () => {
    const weekly = { recurrence: { rrule: 'FREQ=WEEKLY' }, participants: [user('ana')] }
    const after = aggregate(weekly)
    const last = after.occurrences.at(-1)!
    const before = {
      ...after,
      occurrences: after.occurrences.slice(0, -1),
      meeting: { ...after.meeting, materialisedUntil: last.start },
    }
    expect(announce(toldOf(before, NOW), after, terms).messages).toEqual([])
  })

  test('what is over is told to nobody', () => {
    const meeting = aggregate({ participants: people })
    const later = { now: plus(meeting.meeting.end, HOUR_MS), doneBy: undefined }
    expect(announce(NOTHING_TOLD, meeting, later).messages).toEqual([])
    expect(announce(toldOf(meeting, NOW), { ...meeting, occurrences: [] }, later).messages).toEqual([])
  })

  test('who is invited to one occurrence hears of that one, and who is left out of one that it is gone', () => {
    const daily = {
      recurrence: { rrule: 'FREQ=DAILY;COUNT=3' },
      participants: [user('ana'), user('eve', { inSeries: false })],
    }
    const before = aggregate(daily)
    const [first, second] = before.occurrences
    const own = { participants: [{ id: 'eve', role: 'required' as const }] }
    const after = {
      ...before,
      occurrences: before.occurrences.map((o) => (o === second ? { ...o, override: own } : o)),
    }
    const { messages, told } = announce(toldOf(before, NOW), after, terms)
    expect(lines(messages)).toEqual(['change ana', 'invitation eve'])
    expect(messages.map(({ content }) => content.occurrences)).toEqual([
      [expect.objectContaining({ recurrenceId: second!.recurrenceId, isGone: true })],
      [expect.objectContaining({ recurrenceId: second!.recurrenceId })],
    ])
    expect(announce(told, after, terms).messages).toEqual([])
    const back = announce(told, before, terms)
    expect(lines(back.messages)).toEqual(['change ana', 'cancellation eve'])
    const elsewhere = {
      ...before,
      occurrences: before.occurrences.map((o) => (o === first ? { ...o, override: { roomIds: ['x'] } } : o)),
    }
    expect(announce(toldOf(before, NOW), elsewhere, terms).messages).toMatchObject([
      { kind: 'change', recipient: 'ana', content: { occurrences: [{ recurrenceId: first!.recurrenceId }] } },
    ])
  })
})
