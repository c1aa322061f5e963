import { useEffect } from 'preact/hooks'
import type { Page, Room } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Person, Plan } from './plan.ts'
import type { Hold } from './shapes.ts'
import { spanOf } from './subjects.ts'

/** After a reload: the hold that this person has already, with the people and rooms it is for. */
export function useOwnHold(rest: Rest, onFound: (hold: Hold, plan: Plan) => void): void {
  useEffect(() => {
    let isWanted = true
    void readHold(rest).then((found) => isWanted && found && onFound(...found))
    return () => {
      isWanted = false
    }
  }, [])
}

async function readHold(rest: Rest): Promise<[Hold, Plan] | undefined> {
  const answer = await rest.get<Page<Hold>>('/holds')
  const hold = answer.ok ? answer.value.items[0] : undefined
  if (hold === undefined) return undefined
  const [people, rooms] = await Promise.all([
    Promise.all(hold.resourceIds.map((id) => rest.get<Person>(`/users/${id}`))),
    Promise.all(hold.resourceIds.map((id) => rest.get<Room>(`/rooms/${id}`))),
  ])
  const { start, end } = spanOf(hold)
  const plan: Plan = {
    invited: people.flatMap((one) => (one.ok ? [{ person: one.value, isOptional: false }] : [])),
    rooms: rooms.flatMap((one) => (one.ok ? [one.value] : [])),
    isAnyRoom: false,
    minutes: (end - start) / 60_000,
  }
  return [hold, plan]
}
