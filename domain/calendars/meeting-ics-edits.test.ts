import ICAL from 'ical.js'
import { describe, expect, test } from 'vitest'
import { aggregate } from '../../testkit/meeting-facts.ts'
import { plus } from '../time/instant.ts'
import { meetingCalendar } from './meeting-ics.ts'

const DAILY = { recurrence: { rrule: 'FREQ=DAILY;COUNT=3' } }

function events(text: string) {
  return new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((event) => ({
    id: String(event.getFirstPropertyValue('recurrence-id') ?? ''),
    start: String(event.getFirstPropertyValue('dtstart')),
    end: String(event.getFirstPropertyValue('dtend')),
    summary: event.getFirstPropertyValue('summary'),
    rrule: String(event.getFirstPropertyValue('rrule') ?? ''),
  }))
}

describe('a calendar says of occurrences with something of their own', () => {
  const { meeting, occurrences } = aggregate(DAILY)
  const changed = occurrences.map((one, i) => {
    if (i !== 1) return one
    const [start, end] = [plus(one.start, 7_200_000), plus(one.end, 7_200_000)]
    return { ...one, start, end, override: { start, durationMs: end - start, title: 'Own' } }
  })
  const contentOf = () => ({ summary: 'Own', location: null })

  test('where they went and what they are called', () => {
    const entry = { meeting, occurrences: changed, summary: 'Planning', location: null, contentOf }
    expect(events(meetingCalendar('x', [entry]))).toEqual([
      {
        id: '',
        start: '2026-11-24T10:00:00',
        end: '2026-11-24T11:00:00',
        summary: 'Planning',
        rrule: 'FREQ=DAILY;COUNT=3',
      },
      {
        id: '2026-11-25T10:00:00',
        start: '2026-11-25T12:00:00',
        end: '2026-11-25T13:00:00',
        summary: 'Own',
        rrule: '',
      },
    ])
  })

  test('these alone to whom the series is not', () => {
    const entry = {
      meeting,
      occurrences: changed.slice(1, 2),
      summary: 'Planning',
      location: null,
      contentOf,
      isPartial: true,
    }
    expect(events(meetingCalendar('x', [entry]))).toMatchObject([{ id: '2026-11-25T10:00:00', summary: 'Own' }])
  })

  test('whole days as dates', () => {
    const day = {
      ...aggregate({ ...DAILY, start: '2026-11-24T00:00', durationMs: 86_400_000, meeting: { allDay: true } }),
    }
    const entry = { ...day, summary: 'Off', location: null }
    expect(events(meetingCalendar('x', [entry]))).toMatchObject([{ id: '', start: '2026-11-24', end: '2026-11-25' }])
  })
})
