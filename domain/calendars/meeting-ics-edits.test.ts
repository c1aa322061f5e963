import ICAL from 'ical.js'
import { describe, expect, test } from 'vitest'
import { aggregate } from '../../testkit/meeting-facts.ts'
import type { Occurrence } from '../meetings/meeting.ts'
import { plus } from '../time/instant.ts'
import { parseInstant } from '../time/iso.ts'
import type { LocalTime } from '../time/local-time.ts'
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

  test('nothing where a single meeting is all that is left of them', () => {
    const [gone, kept] = occurrences.map((one) => ({ ...one }))
    const cancelled = { ...gone!, status: 'cancelled' as const, override: { cancelled: true as const } }
    const single = { ...meeting, rrule: null, start: kept!.start, end: kept!.end, localStart: kept!.recurrenceId }
    const entry = { meeting: single, occurrences: [cancelled, kept!], summary: 'Planning', location: null }
    const text = meetingCalendar('x', [entry])
    expect(events(text)).toMatchObject([{ id: '', start: '2026-11-25T10:00:00' }])
    expect(text).not.toContain('CANCELLED')
  })

  test('that they are gone, also further ahead than the series is written down', () => {
    const endless = aggregate({ recurrence: { rrule: 'FREQ=MONTHLY' } })
    const far = '20280524T100000' as LocalTime
    const start = parseInstant('2028-05-24T08:00:00Z')!
    const gone: Occurrence = {
      ...{ recurrenceId: far, start, end: plus(start, 3_600_000) },
      ...{ status: 'cancelled', override: { cancelled: true } },
    }
    const entry = {
      meeting: endless.meeting,
      occurrences: [...endless.occurrences, gone],
      summary: 'x',
      location: null,
    }
    expect(meetingCalendar('x', [entry])).toContain(`EXDATE;TZID=Europe/Berlin:${far}\r\n`)
  })

  test('their hours, where a series of whole days has left them at hours of their own', () => {
    const days = aggregate({ ...DAILY, start: '2026-11-24T00:00', durationMs: 86_400_000, meeting: { allDay: true } })
    const moved = days.occurrences.map((one, i) => {
      const [start, end] = [plus(one.start, 54_000_000), plus(one.start, 57_600_000)]
      return i === 1 ? { ...one, start, end, override: { start, durationMs: end - start } } : one
    })
    const text = meetingCalendar('x', [{ ...days, occurrences: moved, summary: 'Off', location: null }])
    expect(events(text)).toMatchObject([
      { id: '', start: '2026-11-24', end: '2026-11-25' },
      { id: '2026-11-25', start: '2026-11-25T15:00:00', end: '2026-11-25T16:00:00' },
    ])
  })

  test('whole days as dates', () => {
    const day = {
      ...aggregate({ ...DAILY, start: '2026-11-24T00:00', durationMs: 86_400_000, meeting: { allDay: true } }),
    }
    const entry = { ...day, summary: 'Off', location: null }
    expect(events(meetingCalendar('x', [entry]))).toMatchObject([{ id: '', start: '2026-11-24', end: '2026-11-25' }])
  })
})
