import type { Problem } from '../client/contract.ts'
import { isToday } from '../client/span-words.ts'
import { STATUS_WORDS } from '../client/status-words.ts'
import { timeIn, zoneWords } from '../client/zone.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { useNow } from '../ui/use-now.ts'
import type { DashboardFloor, FloorRoom } from './dashboard-shapes.ts'

interface RoomTilesProps {
  floor: DashboardFloor
  /** Undefined until they are known. */
  rooms: readonly FloorRoom[] | undefined
  problem: Problem | undefined
  /** Of its building. */
  zone: string
}

/** The rooms of one floor, each with its word. */
export function RoomTiles({ floor, rooms, problem, zone }: RoomTilesProps) {
  const now = useNow(10_000)
  return (
    <section class="tiles-part" aria-labelledby="tiles-title" aria-busy={rooms === undefined}>
      <h2 id="tiles-title">
        {floor.name}{' '}
        <span class="soft small">
          {floor.building}, {timeIn(zone, now)} {zoneWords(zone, now)}
        </span>
      </h2>
      {problem && <ProblemLine problem={problem} />}
      <ul class="tiles">
        {rooms?.map(({ room, state }) => (
          <li key={room.id} class="tile" data-status={state.status}>
            <h3>{room.name}</h3>
            <p class="figures">
              <b>{STATUS_WORDS[state.status]}</b> <span class="tile-until">{untilWords(state, now, zone)}</span>
            </p>
            <p class="soft small">{presenceWords(state)}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function untilWords({ status, freeUntil, current }: FloorRoom['state'], now: number, zone: string): string {
  const until = status === 'free' ? freeUntil : status === 'overrun' ? null : (current?.end ?? null)
  if (until === null) return ''
  return isToday(Date.parse(until), now, zone) ? `until ${timeIn(zone, Date.parse(until))}` : ''
}

function presenceWords({ status, occupancy, staleSince }: FloorRoom['state']): string {
  if (staleSince !== null) return 'Sensor silent'
  if (occupancy === null) return ''
  if (occupancy.present) return status === 'free' ? 'Somebody inside, not booked' : 'Somebody inside'
  return status === 'free' ? '' : 'Nobody inside'
}
