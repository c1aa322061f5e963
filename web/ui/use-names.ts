import { useEffect, useState } from 'preact/hooks'
import type { Meeting, User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'

/** Names are asked for one by one; the rest of a town hall meeting is a number. */
export const MAX_NAMED = 40

/** Names by user id, of those who are at the meeting; who may not be known is not in it. */
export function useNames(
  rest: Rest,
  { organizer, participants }: Pick<Meeting, 'organizer' | 'participants'>,
): ReadonlyMap<string, string> {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const ids = participants.flatMap(({ userId }) => userId ?? []).slice(0, MAX_NAMED)
  const key = ids.join()
  useEffect(() => {
    let isWanted = true
    const missing = ids.filter((id) => !names.has(id))
    void Promise.all(missing.map((id) => rest.get<User>(`/users/${id}`))).then((answers) => {
      const found = answers.flatMap((answer) => (answer.ok ? [[answer.value.id, nameOf(answer.value)] as const] : []))
      if (isWanted && found.length > 0) setNames((before) => new Map([...before, ...found]))
    })
    return () => {
      isWanted = false
    }
  }, [key])
  return organizer === null ? names : new Map(names).set(organizer.id, nameOf(organizer))
}

function nameOf({ firstName, lastName }: Pick<User, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`.trim()
}
