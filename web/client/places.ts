import type { Answer, Building, Floor, User } from './contract.ts'
import type { Rest } from './rest.ts'

export interface Places {
  buildings: Building[]
  /** By building, from the ground up. */
  floors: Floor[]
}

export async function readPlaces(rest: Rest): Promise<Answer<Places>> {
  const [buildings, floors] = await Promise.all([rest.list<Building>('/buildings'), rest.list<Floor>('/floors')])
  if (!buildings.ok) return buildings
  if (!floors.ok) return floors
  const order = new Map(buildings.value.map(({ id }, i) => [id, i]))
  const place = (floor: Floor) => order.get(floor.buildingId) ?? order.size
  const sorted = floors.value.toSorted((a, b) => place(a) - place(b) || a.level - b.level)
  return { ok: true, value: { buildings: buildings.value, floors: sorted } }
}

/** Until somebody chooses: a floor where the clock is the person's own. */
export function nearestFloor({ buildings, floors }: Places, user: User): Floor | undefined {
  const home = buildings.find(({ timezone }) => timezone === user.timezone)
  return floors.find(({ buildingId }) => buildingId === home?.id) ?? floors[0]
}

export function zoneOf({ buildings, floors }: Places, floorId: string): string | undefined {
  const floor = floors.find(({ id }) => id === floorId)
  return buildings.find(({ id }) => id === floor?.buildingId)?.timezone
}
