import type { Instant } from '../time/instant.ts'

/**
 * What a person says about his time beside his usual week (`WorkingHours` in domain/people/user.ts). An absent rule asks nothing.
 * Rules decide what is offered to others; they never refuse a booking, because a claim of a person is not exclusive.
 */
export interface TimeRules {
  /** Instead of the week's spans on that local day, `YYYY-MM-DD`; no spans: the day is free of work. Stands over holidays too. */
  dates?: Record<string, HourSpans>
  /** Kept free before and after each of his meetings. */
  bufferBeforeMinutes?: number
  bufferAfterMinutes?: number
  /** How long before its start a meeting must be arranged. */
  minimumNoticeMinutes?: number
  /** How far ahead a meeting may start. */
  horizonDays?: number
  /** Nothing is offered on a local day that has so many already. */
  meetingsPerDay?: number
  /** Name of the organisation's holiday calendar he keeps; one that does not exist has no holidays. */
  holidays?: string
}

/** Spans `[from, until)` of local `HH:MM` in his own zone, `from` before `until`; `24:00` ends the day, and work past midnight is two spans. */
export type HourSpans = readonly (readonly [from: string, until: string])[]

/** Away, whatever the hours say; in the store as epoch milliseconds. The reason is content: himself and managers only. */
export interface Absence {
  start: Instant
  end: Instant
  reason?: string
}

/** What the doors accept; each keeps one person's rules small enough to be read whole with every question about his time. */
export const RULE_BOUNDS = {
  spansPerDay: 12,
  /** Two years of days. */
  dates: 732,
  bufferMinutes: 240,
  /** Four weeks. */
  noticeMinutes: 40_320,
  /** Two years, the furthest a series is looked at. */
  horizonDays: 732,
  meetingsPerDay: 100,
  absences: 366,
  absenceDays: 732,
  reasonLength: 500,
  calendarNameLength: 64,
  /** Of one holiday calendar: some 30 days a year for ten years. */
  holidays: 366,
} as const

/** A local time of a day as `HH:MM`; `24:00` is its end. */
export const HOUR_PATTERN = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/
/** Lower case, so that two spellings are never two calendars: `de-by`, `us`, `office.berlin`. */
export const HOLIDAY_CALENDAR_PATTERN = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/
