import type { Room, User } from '../client/contract.ts'
import type { Watched } from './use-availability.ts'

export type Person = Pick<User, 'id' | 'firstName' | 'lastName' | 'timezone'>

export interface Invited {
  person: Person
  /** The meeting takes place without him, too. */
  isOptional: boolean
}

/** For whom, where and how long a time is looked for. */
export interface Plan {
  invited: readonly Invited[]
  rooms: readonly Room[]
  /** One room will do: any of those chosen or, where none is, any that has seats for all. Otherwise all chosen are needed. */
  isAnyRoom: boolean
  minutes: number
}

export const DURATIONS = [15, 30, 45, 60, 90, 120] as const
/** A grid of more rows nobody reads. */
export const MAX_ROWS = 20

export function planOf(user: Person): Plan {
  return { invited: [{ person: user, isOptional: false }], rooms: [], isAnyRoom: false, minutes: 30 }
}

/** In the order of the rows. */
export function watchedIn({ invited, rooms }: Plan): Watched[] {
  return [
    ...invited.map(({ person }) => ({ id: person.id, kind: 'person' as const })),
    ...rooms.map(({ id }) => ({ id, kind: 'room' as const })),
  ]
}

export function nameOf({ firstName, lastName }: Pick<Person, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`.trim()
}

export function nameIn({ invited, rooms }: Plan, id: string): string {
  const person = invited.find((one) => one.person.id === id)?.person
  if (person !== undefined) return nameOf(person)
  return rooms.find((room) => room.id === id)?.name ?? 'Somebody'
}

export function isFull(plan: Plan): boolean {
  return watchedIn(plan).length >= MAX_ROWS
}

export function withPerson(plan: Plan, person: Person): Plan {
  if (isFull(plan) || plan.invited.some((one) => one.person.id === person.id)) return plan
  return { ...plan, invited: [...plan.invited, { person, isOptional: false }] }
}

export function withRoom(plan: Plan, room: Room): Plan {
  if (isFull(plan) || plan.rooms.some(({ id }) => id === room.id)) return plan
  return { ...plan, rooms: [...plan.rooms, room] }
}

/** The rooms of a suggested slot; one without any, or with one of those that any of will do, leaves them as they are. */
export function withRooms(plan: Plan, roomIds: readonly string[], all: readonly Room[]): Plan {
  const isChosen = plan.isAnyRoom && roomIds.every((id) => plan.rooms.some((room) => room.id === id))
  if (roomIds.length === 0 || isChosen) return plan
  return { ...plan, rooms: all.filter(({ id }) => roomIds.includes(id)) }
}

export function without(plan: Plan, id: string): Plan {
  return {
    ...plan,
    invited: plan.invited.filter(({ person }) => person.id !== id),
    rooms: plan.rooms.filter((room) => room.id !== id),
  }
}

export function withOptional(plan: Plan, id: string, isOptional: boolean): Plan {
  return { ...plan, invited: plan.invited.map((one) => (one.person.id === id ? { ...one, isOptional } : one)) }
}
