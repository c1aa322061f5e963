import { useStore } from '../ui/use-store.ts'
import { counted, msWords } from './figures.ts'
import type { LiveOffice } from './live-office.ts'
import { type NodesWatch, realtimeOf } from './nodes.ts'

/** What this page sees of the office, as it happens. */
export function Counters({ office, nodes }: { office: LiveOffice; nodes: NodesWatch }) {
  const { booked, news, latencyMs, checked, doubles, rooms } = useStore(office.sight)
  const all = realtimeOf(useStore(nodes.nodes))
  const sockets = all.reduce((sum, node) => sum + node.sockets, 0)
  return (
    <dl class="counters figures" aria-label="Since this page was opened">
      <Counter
        name="Bookings made"
        value={booked.toLocaleString('en-GB')}
        note={`in ${counted(rooms, 'room')}, live`}
      />
      <Counter name="News delivered" value={news.toLocaleString('en-GB')} note="to this page" />
      <Counter name="Commit to screen" value={msWords(latencyMs)} note="median" />
      <Counter
        name="Sockets"
        value={all.length === 0 ? '–' : String(sockets)}
        note={all.length === 0 ? 'one process' : `on ${all.map(({ id }) => id).join(', ')}`}
      />
      <Counter
        name="Double bookings"
        value={String(doubles)}
        note={`${counted(checked, 'booking')} checked here`}
        isGood={doubles === 0 && checked > 0}
      />
    </dl>
  )
}

interface CounterProps {
  name: string
  value: string
  note: string
  isGood?: boolean
}

function Counter({ name, value, note, isGood = false }: CounterProps) {
  return (
    <div class="counter" data-good={isGood}>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <span class="small soft">{note}</span>
      </dd>
    </div>
  )
}
