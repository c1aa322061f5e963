import type { Readable } from '../client/store.ts'
import type { Link } from '../client/topics.ts'
import { timeIn } from '../client/zone.ts'
import { useStore } from './use-store.ts'

/** How fresh the page is, and who keeps it so. Only a change of freshness is announced, not every event. */
export function LinkLine({ link, zone }: { link: Readable<Link>; zone: string }) {
  const { phase, heardAt, events, node } = useStore(link)
  return (
    <p class="link-line small soft figures" data-phase={phase}>
      <span class="link-phase" role="status">
        {phase === 'live' ? 'Live' : phase === 'connecting' ? 'Connecting…' : reconnecting(heardAt, zone)}
      </span>
      <span>
        {events} {events === 1 ? 'event' : 'events'}
      </span>
      {node !== undefined && <span>served by {node}</span>}
    </p>
  )
}

function reconnecting(heardAt: number | undefined, zone: string): string {
  return heardAt === undefined ? 'Reconnecting…' : `Reconnecting… as of ${timeIn(zone, heardAt)}`
}
