import type { Interval } from '../../domain/time/instant.ts'
import type { Office } from './office.ts'
import type { DemoPerson } from './people.ts'
import type { DemoRoom } from './places.ts'
import type { Random } from './random.ts'

/** Rooms that fit best are drawn from so many, so that not every pair sits in the same booth. */
const CHOICE = 6
/** Only what fills it books the hall. */
const HALL_SEATS = 100

/**
 * A room for all in the building where most of them work; sometimes a second one for those in the other building. None when
 * nobody works near a building, or they make do without; undefined when they would need one and there is none.
 */
export function roomsFor(
  office: Office,
  random: Random,
  attendees: readonly DemoPerson[],
  spans: readonly Interval[],
): DemoRoom[] | undefined {
  const sites = [...new Set(office.rooms.map((room) => room.building))]
    .map((building) => ({
      building,
      present: attendees.filter((person) => person.timezone === building.timezone).length,
    }))
    .filter(({ present }) => present > 0)
    .toSorted((a, b) => b.present - a.present)
  const [home, away] = sites
  if (home === undefined || random.chance(0.06)) return []
  const room = draw(office, random, { ...home, seats: attendees.length, all: attendees.length }, spans)
  if (room === undefined) return undefined
  if (away === undefined || random.chance(0.5)) return [room]
  const second = draw(office, random, { ...away, seats: away.present, all: attendees.length }, spans)
  return second === undefined ? [room] : [room, second]
}

interface Need {
  building: DemoRoom['building']
  /** Of the people in it. */
  present: number
  seats: number
  /** With those who join from elsewhere. */
  all: number
}

function draw(office: Office, random: Random, need: Need, spans: readonly Interval[]): DemoRoom | undefined {
  const fitting = office.rooms
    .filter((room) => room.building === need.building && room.capacity >= need.seats && room.capacity < HALL_SEATS)
    .filter((room) => need.present === need.all || room.equipment.includes('video'))
    .filter((room) => office.isOpen(room, spans))
    .toSorted((a, b) => a.capacity - b.capacity)
    .slice(0, CHOICE)
  return fitting.length === 0 ? undefined : random.pick(fitting)
}
