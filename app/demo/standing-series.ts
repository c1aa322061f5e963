import { DAY_MS, HOUR_MS } from '../../domain/time/instant.ts'
import type { Office, Topic, When } from './office.ts'
import { DEPARTMENTS, type DemoPerson } from './people.ts'
import type { DemoRoom } from './places.ts'
import type { Random } from './random.ts'
import { roomsFor } from './rooms-for.ts'
import { ruleOf } from './rules.ts'
import { worksDuring } from './working-time.ts'

/** What every company has anyway: a support watch around the clock, the all-hands meeting, a stand-up per department. */
export function planStandingSeries(office: Office, random: Random, firstMonday: number): void {
  planWatch(office, firstMonday)
  planAllHands(office, firstMonday)
  planStandUps(office, random, firstMonday)
}

/**
 * A room of one building or the other is always in use: shifts of two hours follow the sun, in Berlin until the evening, then
 * in New York until the morning, staffed from where it is day.
 */
function planWatch(office: Office, firstMonday: number): void {
  const topic = open('Support watch', 'One of us answers, one of us stands by. Hand over open cases at the end.')
  for (const [roomName, firstHour, staffedFrom] of WATCHES) {
    const rooms = office.rooms.filter((room) => room.name === roomName)
    const [{ building }] = rooms as [DemoRoom]
    for (const [shift, zone] of staffedFrom.entries()) {
      const staff = staffOf(office, zone)
      for (const [n, { day, rrule }] of [WEEKDAY_SHIFTS, WEEKEND_SHIFTS].entries()) {
        const when = at(firstMonday + day, firstHour + 2 * shift, building.timezone, 120, rrule)
        const organizer = staff[(2 * shift + n) % staff.length]!
        const others = staff.filter((person) => person !== organizer).slice(0, 1)
        office.add({ organizer, others, rooms, when }, topic, () => true)
      }
    }
  }
}

type Shifts = { day: number; rrule: string }
const WEEKDAY_SHIFTS: Shifts = { day: 0, rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=30' }
const WEEKEND_SHIFTS: Shifts = { day: 5, rrule: 'FREQ=WEEKLY;BYDAY=SA,SU;COUNT=12' }

/** Room, first local hour, and the zone that staffs each shift. */
const WATCHES: readonly (readonly [room: string, firstHour: number, staffedFrom: readonly string[]])[] = [
  ['Hazel', 6, ['Asia/Kolkata', 'Europe/Berlin', 'Europe/Berlin', 'Europe/London', 'Europe/London', 'Europe/London']],
  [
    'Seneca',
    12,
    ['America/New_York', 'America/New_York', 'America/Sao_Paulo', 'Australia/Sydney', 'Asia/Tokyo', 'Australia/Sydney'],
  ],
]

/** Those of the zone, the ones whose work it is first. */
function staffOf(office: Office, timezone: string): DemoPerson[] {
  const isOnDuty = (person: DemoPerson) => ['Operations', 'Customer Success'].includes(person.department)
  const staff = office.people.filter((person) => person.timezone === timezone)
  return [...staff.filter(isOnDuty), ...staff.filter((person) => !isOnDuty(person))].slice(0, 3)
}

/**
 * Every second Thursday, 16:00 in Berlin and 10:00 in New York, in the hall; who is far away may miss it, who is on watch
 * then does.
 */
function planAllHands(office: Office, firstMonday: number): void {
  const [organizer] = office.people as [DemoPerson]
  const hall = office.rooms.toSorted((a, b) => b.capacity - a.capacity).slice(0, 1)
  const when = at(firstMonday + 3, 16, organizer.timezone, 60, 'FREQ=WEEKLY;INTERVAL=2;COUNT=6')
  const spans = office.spansOf(when)
  const others = office.people.filter((person) => person !== organizer && office.isFree(person, spans))
  const topic = open('Company all-hands', 'News from the teams, then questions. It is recorded.')
  office.add({ organizer, others, rooms: hall, when }, topic, (other) => other.timezone !== organizer.timezone)
}

/** A quarter of an hour every workday, at the first full hour at which the whole team of a building works. */
function planStandUps(office: Office, random: Random, firstMonday: number): void {
  for (const timezone of new Set(office.rooms.map((room) => room.building.timezone))) {
    for (const department of DEPARTMENTS) {
      const team = office.people.filter((p) => p.timezone === timezone && p.department === department)
      if (team.length < 2) continue
      for (const hour of [9, 10, 11, 12, 13]) {
        const when = at(firstMonday, hour, timezone, 15, ruleOf('workdays', firstMonday, random))
        const spans = office.spansOf(when)
        if (!team.every((person) => worksDuring(person, spans[0]!) && office.isFree(person, spans))) continue
        const [organizer, ...others] = team as [DemoPerson, ...DemoPerson[]]
        const rooms = roomsFor(office, random, team, spans) ?? []
        office.add({ organizer, others, rooms, when }, open(`${department} stand-up`, ''), () => false)
        break
      }
    }
  }
}

function at(day: number, hour: number, timezone: string, minutes: number, rrule: string): When {
  return { wall: day * DAY_MS + hour * HOUR_MS, timezone, minutes, rrule }
}

function open(title: string, description: string): Topic {
  return { title, description, status: 'confirmed', visibility: 'organization' }
}
