import { useEffect, useState } from 'preact/hooks'
import type { User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'

/** The time zone of the room's building, which is the panel's own; until that is known the tablet's: it hangs there. */
export function useZone(rest: Rest): string {
  const [zone, setZone] = useState<string>()
  useEffect(() => {
    void rest.get<User>('/auth/profile').then((answer) => {
      if (answer.ok) setZone(answer.value.timezone)
    })
  }, [rest])
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
}
