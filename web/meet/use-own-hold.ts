import { useEffect, useRef } from 'preact/hooks'
import type { Answer, Page, Room } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Topics } from '../client/topics.ts'
import { forgetHold, keepHold, keptHold } from './kept-hold.ts'
import type { Person, Plan } from './plan.ts'
import type { Hold } from './shapes.ts'
import { spanOf } from './subjects.ts'
import { useRead } from './use-read.ts'

interface Found {
  hold: Hold
  plan: Plan
  title: string
}

/** After a reload: the hold that this person has already, with the people and rooms it is for. */
export function useOwnHold(rest: Rest, topics: Topics, onFound: (found: Found) => void): void {
  const { seen } = useRead(topics, 'holds', () => readHold(rest))
  useEffect(() => {
    if (seen?.value !== undefined) onFound(seen.value)
  }, [seen])
}

/** Keeps what a reload would forget, as long as there is a hold. */
export function useKeptHold(hold: Hold | undefined, { invited }: Plan, title: string): void {
  const hadOne = useRef(false)
  useEffect(() => {
    if (hold === undefined) {
      if (hadOne.current) forgetHold()
    } else {
      const optional = invited.flatMap(({ person, isOptional }) => (isOptional ? person.id : []))
      keepHold({ id: hold.id, optional, title })
    }
    hadOne.current = hold !== undefined
  }, [hold?.id, invited, title])
}

async function readHold(rest: Rest): Promise<Answer<Found | undefined>> {
  const answer = await rest.get<Page<Hold>>('/holds')
  if (!answer.ok) return answer
  const [hold] = answer.value.items
  if (hold === undefined) return { ok: true, value: undefined }
  const [people, rooms] = await Promise.all([
    Promise.all(hold.resourceIds.map((id) => rest.get<Person>(`/users/${id}`))),
    Promise.all(hold.resourceIds.map((id) => rest.get<Room>(`/rooms/${id}`))),
  ])
  const kept = keptHold(hold.id)
  const { start, end } = spanOf(hold)
  const plan: Plan = {
    invited: people.flatMap((one) =>
      one.ok ? [{ person: one.value, isOptional: kept?.optional.includes(one.value.id) ?? false }] : [],
    ),
    rooms: rooms.flatMap((one) => (one.ok ? [one.value] : [])),
    isAnyRoom: false,
    minutes: (end - start) / 60_000,
  }
  return { ok: true, value: { hold, plan, title: kept?.title ?? '' } }
}
