import type { Plan } from './plan.ts'
import type { Verdict } from './shapes.ts'

type Standing = Pick<Verdict, 'id' | 'verdict'>

/** Whether any one of several chosen rooms will do. */
export function hasChoice({ rooms, isAnyRoom }: Pick<Plan, 'rooms' | 'isAnyRoom'>): boolean {
  return isAnyRoom && rooms.length > 1
}

/** The verdicts that count: where one of several rooms will do, those of the others do not as soon as one is free. */
export function counting<T extends Standing>(plan: Plan, verdicts: readonly T[]): T[] {
  const free = hasChoice(plan) ? freeRoom(plan, verdicts) : undefined
  return verdicts.filter(({ id }) => free === undefined || id === free || !isRoom(plan, id))
}

/** Whom and what a hold is for: everybody, and every room or the first that is free. Where none is, the first of all is asked for. */
export function heldIn(plan: Plan, verdicts: readonly Standing[]): string[] {
  const roomIds = plan.rooms.map(({ id }) => id)
  const one = freeRoom(plan, verdicts) ?? roomIds.slice(0, 1)
  return [...plan.invited.map(({ person }) => person.id), ...(hasChoice(plan) ? [one].flat() : roomIds)]
}

/** Whether something that is held is for this plan. */
export function isHeldFor(resourceIds: readonly string[], plan: Plan): boolean {
  const held = new Set(resourceIds)
  const rooms = plan.rooms.filter(({ id }) => held.has(id)).length
  const people = plan.invited.filter(({ person }) => held.has(person.id)).length
  const isAll = people === plan.invited.length && rooms === (hasChoice(plan) ? 1 : plan.rooms.length)
  return isAll && held.size === people + rooms
}

/** Whether a hold lasts as long as the plan's meeting. */
export function isAsLong({ start, end }: { start: string; end: string }, { minutes }: Plan): boolean {
  return Date.parse(end) - Date.parse(start) === minutes * 60_000
}

/** The first that has seats for all, if there is one. */
function freeRoom({ rooms, invited }: Plan, verdicts: readonly Standing[]): string | undefined {
  const free = new Set(verdicts.flatMap(({ id, verdict }) => (verdict === 'free' ? id : [])))
  const open = rooms.filter(({ id }) => free.has(id))
  return (open.find(({ capacity }) => capacity >= invited.length) ?? open[0])?.id
}

function isRoom({ rooms }: Plan, id: string): boolean {
  return rooms.some((room) => room.id === id)
}
