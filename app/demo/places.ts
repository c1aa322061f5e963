import type { CreateRoom } from '../../domain/rooms/create-room.ts'
import type { BookingRules } from '../../domain/rooms/room.ts'
import { demoId } from './demo-ids.ts'

export interface DemoBuilding {
  id: string
  name: string
  address: string
  timezone: string
}

export interface DemoFloor {
  id: string
  buildingId: string
  name: string
  level: number
}

export interface DemoRoom extends CreateRoom {
  id: string
  building: DemoBuilding
}

export interface DemoPlaces {
  buildings: DemoBuilding[]
  floors: DemoFloor[]
  rooms: DemoRoom[]
}

/** Two buildings with two floors each, ten rooms to a floor; the same each time. */
export function demoPlaces(): DemoPlaces {
  const buildings = BUILDINGS.map(({ name, address, timezone }, n) => ({
    id: demoId('building', n),
    name,
    address,
    timezone,
  }))
  const places: DemoPlaces = { buildings, floors: [], rooms: [] }
  for (const [n, building] of buildings.entries()) {
    for (const { name, level, rooms } of BUILDINGS[n]!.floors) {
      const floor = { id: demoId('floor', places.floors.length), buildingId: building.id, name, level }
      places.floors.push(floor)
      for (const entry of rooms) places.rooms.push(roomOf(places.rooms.length, building, floor, entry))
    }
  }
  return places
}

type Entry = [name: string, capacity: number]

function roomOf(n: number, building: DemoBuilding, floor: DemoFloor, [name, capacity]: Entry): DemoRoom {
  return {
    id: demoId('room', n),
    building,
    name,
    capacity,
    location: `${building.name}, ${floor.name.toLowerCase()}`,
    floorId: floor.id,
    equipment: equipmentOf(n, capacity),
    amenities: amenitiesOf(n, capacity),
    bookingRules: rulesOf(capacity),
  }
}

function equipmentOf(n: number, capacity: number): string[] {
  if (capacity <= 2) return n % 2 === 0 ? ['phone'] : ['screen', 'video']
  if (capacity <= 6) return n % 3 === 0 ? ['screen', 'whiteboard'] : ['screen', 'video', 'whiteboard']
  if (capacity <= 20) return ['screen', 'video', 'whiteboard', 'phone']
  return ['screen', 'video']
}

function amenitiesOf(n: number, capacity: number): string[] {
  const amenities = n % 4 === 3 ? [] : ['daylight']
  if (capacity >= 4) amenities.push('step-free access')
  if (capacity >= 12) amenities.push('air conditioning')
  return amenities
}

/** Booths are for an hour at most; the hall is made ready before and cleared after. */
function rulesOf(capacity: number): BookingRules {
  if (capacity <= 2) return { maxDurationMinutes: 60 }
  if (capacity > 20) return { bufferBeforeMinutes: 30, bufferAfterMinutes: 30, maxDurationMinutes: 480 }
  return capacity >= 16 ? { bufferAfterMinutes: 15 } : {}
}

interface BuildingPlan {
  name: string
  address: string
  timezone: string
  floors: { name: string; level: number; rooms: Entry[] }[]
}

// Rooms are named after trees, European rivers, lakes and mountains, one theme to a floor.
const BUILDINGS: readonly BuildingPlan[] = [
  {
    name: 'Spree House',
    address: 'Am Kanal 12, Berlin',
    timezone: 'Europe/Berlin',
    floors: [
      {
        name: 'Ground floor',
        level: 0,
        rooms: [
          ['The Grove', 520],
          ['Ash', 2],
          ['Beech', 4],
          ['Birch', 4],
          ['Elm', 6],
          ['Hazel', 6],
          ['Juniper', 8],
          ['Linden', 10],
          ['Maple', 12],
          ['Oak', 16],
        ],
      },
      {
        name: 'Second floor',
        level: 2,
        rooms: [
          ['Danube', 20],
          ['Elbe', 2],
          ['Ems', 2],
          ['Havel', 3],
          ['Isar', 4],
          ['Loire', 5],
          ['Neckar', 6],
          ['Rhine', 8],
          ['Tagus', 10],
          ['Vistula', 14],
        ],
      },
    ],
  },
  {
    name: 'Hudson House',
    address: '40 Pier Street, New York',
    timezone: 'America/New_York',
    floors: [
      {
        name: 'Fifth floor',
        level: 5,
        rooms: [
          ['Cayuga', 2],
          ['Champlain', 4],
          ['Erie', 4],
          ['Huron', 6],
          ['Michigan', 8],
          ['Ontario', 8],
          ['Oneida', 2],
          ['Seneca', 6],
          ['Superior', 18],
          ['Tahoe', 12],
        ],
      },
      {
        name: 'Sixth floor',
        level: 6,
        rooms: [
          ['Adams', 2],
          ['Denali', 20],
          ['Elbert', 4],
          ['Katahdin', 5],
          ['Marcy', 3],
          ['Rainier', 10],
          ['Shasta', 6],
          ['Sill', 2],
          ['Whitney', 14],
          ['Wilson', 8],
        ],
      },
    ],
  },
]
