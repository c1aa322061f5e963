import { z } from 'zod'
import { HOLIDAY_CALENDAR_PATTERN, HOUR_PATTERN, RULE_BOUNDS } from '../../domain/availability/person-rules.ts'
import { MAX_DELEGATES } from '../../domain/people/set-delegates.ts'
import { DAY_MS } from '../../domain/time/instant.ts'
import { id, instant, line, timezone, version } from './input.ts'

/** What people say of their time, on the wire. */

const hour = z.string().max(5).regex(HOUR_PATTERN, 'must be a time of day such as 09:00, or 24:00')

/** Spans of one day, each before the next. `HH:MM` compares as text. */
const spans = z
  .array(z.tuple([hour, hour]))
  .max(RULE_BOUNDS.spansPerDay)
  .refine((list) => list.every(([from, until]) => from < until), 'must end after they begin')
  .refine((list) => list.every(([from], i) => i === 0 || from >= (list[i - 1] as [string, string])[1]), {
    message: 'must be in order and apart',
  })

/** A day that the store and every calendar knows. */
const day = z.iso.date().refine((date) => date >= '1900-01-01' && date <= '2199-12-31', 'must be between 1900 and 2199')

export const weekly = z
  .strictObject({ mon: spans, tue: spans, wed: spans, thu: spans, fri: spans, sat: spans, sun: spans })
  .partial()
  .transform((week) => Object.fromEntries(Object.entries(week).filter(([, list]) => list !== undefined)))

export const calendarName = z
  .string()
  .max(RULE_BOUNDS.calendarNameLength)
  .regex(HOLIDAY_CALENDAR_PATTERN, 'must be a name such as de-by')

const minutes = (most: number) => z.int().min(0).max(most).nullable()
const rules = {
  dates: z
    .record(day, spans)
    .refine((dates) => Object.keys(dates).length <= RULE_BOUNDS.dates, {
      message: `must hold at most ${RULE_BOUNDS.dates} days`,
      params: { code: 'too_large' },
    })
    .nullable(),
  bufferBeforeMinutes: minutes(RULE_BOUNDS.bufferMinutes),
  bufferAfterMinutes: minutes(RULE_BOUNDS.bufferMinutes),
  minimumNoticeMinutes: minutes(RULE_BOUNDS.noticeMinutes),
  horizonDays: z.int().min(1).max(RULE_BOUNDS.horizonDays).nullable(),
  meetingsPerDay: z.int().min(1).max(RULE_BOUNDS.meetingsPerDay).nullable(),
  holidays: calendarName.nullable(),
}

/** What is absent stays; null takes a rule away. */
export const workingHoursBody = z.strictObject({ timezone, weekly, ...rules, version }).partial()

const spansAnswer = z.array(z.tuple([z.string(), z.string()]))
export const workingHoursAnswer = z.object({
  timezone: z.string(),
  weekly: z.record(z.string(), spansAnswer),
  dates: z.record(z.string(), spansAnswer).optional(),
  bufferBeforeMinutes: z.int().optional(),
  bufferAfterMinutes: z.int().optional(),
  minimumNoticeMinutes: z.int().optional(),
  horizonDays: z.int().optional(),
  meetingsPerDay: z.int().optional(),
  holidays: z.string().optional(),
  version,
})

const absence = z
  .strictObject({ start: instant, end: instant, reason: line(RULE_BOUNDS.reasonLength).optional() })
  .refine(({ start, end }) => end > start, {
    message: 'must be after start',
    path: ['end'],
    params: { code: 'invalid_time' },
  })
  .refine(({ start, end }) => end - start <= RULE_BOUNDS.absenceDays * DAY_MS, {
    message: `must be at most ${RULE_BOUNDS.absenceDays} days after start`,
    path: ['end'],
    params: { code: 'too_large' },
  })
  .transform(({ start, end, reason }) => ({ start, end, ...(reason !== undefined && { reason }) }))

export const absencesBody = z.strictObject({
  items: listOf(absence, RULE_BOUNDS.absences, 'absences'),
  version: version.optional(),
})
export const absencesAnswer = z.object({
  items: z.array(z.object({ start: z.iso.datetime(), end: z.iso.datetime(), reason: z.string().optional() })),
  version,
})

export const delegatesBody = z.strictObject({
  items: listOf(z.strictObject({ userId: id }), MAX_DELEGATES, 'delegates'),
  version: version.optional(),
})
export const delegatesAnswer = z.object({ items: z.array(z.object({ userId: z.uuid() })), version })

export const holidaysBody = z.strictObject({
  items: listOf(z.strictObject({ date: day, name: line(200) }), RULE_BOUNDS.holidays, 'days').refine(
    (items) => new Set(items.map((item) => item.date)).size === items.length,
    'must hold each day once',
  ),
  version: version.optional(),
})
export const holidaysAnswer = z.object({
  calendar: z.string(),
  items: z.array(z.object({ date: z.string(), name: z.string() })),
  version,
})

function listOf<T extends z.ZodType>(item: T, most: number, what: string) {
  return z.array(item).refine((list) => list.length <= most, {
    message: `must hold at most ${most} ${what}`,
    params: { code: 'too_large' },
  })
}
