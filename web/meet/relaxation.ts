import { dateIn, dayOf } from '../client/zone.ts'
import { type Plan, nameIn, without } from './plan.ts'
import type { Relaxation } from './shapes.ts'

/** What the change is, in the words of this page: `Without optional Ana Lee`. */
export function changeWords({ change, sentence }: Relaxation, plan: Plan, zone: string): string {
  const { kind, userId, userIds, durationMinutes, to } = change
  if (kind === 'without_person' && userId !== undefined) {
    const isOptional = plan.invited.some((one) => one.person.id === userId && one.isOptional)
    return `Without ${isOptional ? 'optional ' : ''}${nameIn(plan, userId)}`
  }
  if (kind === 'without_people' && userIds !== undefined) {
    return `Without ${listWords(userIds.map((id) => nameIn(plan, id)))}`
  }
  if (kind === 'shorter' && durationMinutes !== undefined) {
    return `${durationMinutes} instead of ${plan.minutes} minutes`
  }
  if (kind === 'wider_window' && to !== undefined) return `Until ${dayOf(lastDay(to, zone))}`
  // The sentence ends in how many slots there are, which is said beside it.
  return sentence.replace(/: \d+ slots?[.]$/, '')
}

/** The plan and the day to look at after that change. undefined: nobody makes it but by dropping the block there himself. */
export function relaxed({ change }: Relaxation, plan: Plan, zone: string): { plan: Plan; date?: string } | undefined {
  const { kind, userId, userIds, durationMinutes, to } = change
  if (kind === 'without_person' && userId !== undefined) return { plan: without(plan, userId) }
  if (kind === 'without_people' && userIds !== undefined) return { plan: userIds.reduce(without, plan) }
  if (kind === 'shorter' && durationMinutes !== undefined) return { plan: { ...plan, minutes: durationMinutes } }
  if (kind === 'wider_window' && to !== undefined) return { plan, date: lastDay(to, zone) }
  if (kind === 'without_room') return { plan: { ...plan, rooms: [], isAnyRoom: false } }
  return undefined
}

/** `Ana, Ben and Eve`. */
function listWords(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** Half-open: the day before a midnight. */
function lastDay(to: string, zone: string): string {
  return dateIn(zone, Date.parse(to) - 1)
}
