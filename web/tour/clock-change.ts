import type { Session } from '../client/session.ts'
import { addDays, dateIn, dayOf, instantIn, timeIn, zoneWords } from '../client/zone.ts'
import { type Exchange, demand } from './exchange.ts'

/** One meeting of a series. */
export interface Row {
  recurrenceId: string
  day: string
  /** On the wall of the zone. */
  local: string
  utc: string
  /** `UTC+1`. */
  offset: string
}

export interface SeriesResult {
  zone: string
  /** The night the clocks change, `2027-03-28`. */
  change: string
  rows: Row[]
  booked: Exchange
  occurrences: Exchange
}

export const ZONES = ['Europe/Berlin', 'America/New_York'] as const
const LOCAL = '09:00'
const LOCAL_END = '09:45'
const WEEKS = 4
/** Clocks change on a Sunday; a Wednesday eleven days before is two meetings ahead of it. */
const DAYS_BEFORE = 11
const YEAR_DAYS = 400

/** The next date, at least `after` days from today, on which the zone's clocks are set. */
export function nextChange(zone: string, now: number, after: number): string | undefined {
  const today = dateIn(zone, now)
  const offsetOn = (date: string) => Date.parse(`${date}T12:00Z`) - instantIn(zone, date, '12:00')
  for (let day = after; day < YEAR_DAYS; day++) {
    const date = addDays(today, day)
    if (offsetOn(date) !== offsetOn(addDays(date, -1))) return date
  }
  return undefined
}

/** Books a weekly series over the next clock change, reads its occurrences, and cancels it. Throws `Refused`. */
export async function bookOverChange(session: Session, zone: string): Promise<SeriesResult | undefined> {
  const change = nextChange(zone, Date.now(), DAYS_BEFORE + 1)
  if (change === undefined) return undefined
  const first = addDays(change, -DAYS_BEFORE)
  const body = {
    title: 'Weekly, over the clock change',
    startTime: { local: `${first}T${LOCAL}` },
    endTime: { local: `${first}T${LOCAL_END}` },
    timezone: zone,
    recurrencePattern: { rrule: `FREQ=WEEKLY;COUNT=${WEEKS}` },
  }
  const booked = await demand(session, 'POST', '/meetings', body)
  const { id } = (booked.answer as { meeting: { id: string } }).meeting
  const window = `from=${first}T00:00:00Z&to=${addDays(first, 7 * WEEKS)}T00:00:00Z`
  const occurrences = await demand(session, 'GET', `/meetings/${id}/occurrences?${window}`)
  await demand(session, 'DELETE', `/meetings/${id}`)
  const { items } = occurrences.answer as { items: { recurrenceId: string; startTime: string }[] }
  return { zone, change, booked, occurrences, rows: items.map((item) => rowOf(item, zone)) }
}

function rowOf({ recurrenceId, startTime }: { recurrenceId: string; startTime: string }, zone: string): Row {
  const at = Date.parse(startTime)
  const offset = /\((.*)\)/.exec(zoneWords(zone, at))?.[1] ?? ''
  return { recurrenceId, day: dayOf(dateIn(zone, at)), local: timeIn(zone, at), utc: timeIn('UTC', at), offset }
}
