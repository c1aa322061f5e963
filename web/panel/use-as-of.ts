import { useEffect, useState } from 'preact/hooks'
import { toServerTime } from '../client/server-clock.ts'
import type { Readable } from '../client/store.ts'
import type { Link } from '../client/topics.ts'
import { useStore } from '../ui/use-store.ts'
import type { Reach } from './heartbeat.ts'

/** A blink is not worth a word. */
const BLINK_MS = 3_000

/**
 * The instant (server clock) of which the screen speaks when it may be behind; undefined while it is live. A connection counts
 * as lost once it has been away for 3 s. `isUnread`: the last reading failed.
 */
export function useAsOf(
  link: Readable<Link>,
  reach: Readable<Reach>,
  isUnread: boolean,
  now: number,
): number | undefined {
  const { phase } = useStore(link)
  const { ok, at } = useStore(reach)
  const isLost = phase === 'reconnecting' || !ok || isUnread
  const [lostAt, setLostAt] = useState<number>()
  useEffect(() => {
    // A broken connection says so at once; a silent one is found by the heartbeat.
    setLostAt(isLost ? (ok ? Date.now() : at) : undefined)
  }, [isLost])
  if (!isLost || lostAt === undefined) return undefined
  const asOf = toServerTime(lostAt)
  return now - asOf > BLINK_MS ? asOf : undefined
}
