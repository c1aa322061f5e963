import type { Weekday } from '../../domain/people/user.ts'
import { weekdayOf } from '../../domain/time/civil.ts'
import { type Interval, DAY_MS, MINUTE_MS } from '../../domain/time/instant.ts'
import { type Zone, findZone } from '../../domain/time/zone.ts'
import type { DemoPerson } from './people.ts'

const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** Whether the whole span lies in one piece of the person's working hours. */
export function worksDuring({ timezone, workingHours }: DemoPerson, span: Interval): boolean {
  const wall = zoneOf(timezone).wallAt(span.start)
  const day = Math.floor(wall / DAY_MS)
  const start = (wall - day * DAY_MS) / MINUTE_MS
  const end = start + (span.end - span.start) / MINUTE_MS
  const hours = workingHours[WEEKDAYS[weekdayOf(day)]!] ?? []
  return hours.some(([from, until]) => minuteOf(from) <= start && end <= minuteOf(until))
}

function zoneOf(timezone: string): Zone {
  const zone = findZone(timezone)
  if (zone === undefined) throw new Error(`${timezone} is missing from this machine's zone data`)
  return zone
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
