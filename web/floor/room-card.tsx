import { useId } from 'preact/hooks'
import type { Room } from '../client/contract.ts'
import type { LiveRoom } from '../client/floor-watch.ts'
import { EquipmentIcon, SeatIcon } from '../ui/icons.tsx'
import { DayLine } from './day-line.tsx'
import type { DayScale } from './day-scale.ts'
import { roomWords } from './room-words.ts'

interface RoomCardProps {
  room: Room
  live: LiveRoom | undefined
  now: number
  zone: string
  scale: DayScale
  onBook: () => void
}

/** One room: how it stands now, what comes next, its day. */
export function RoomCard({ room, live, now, zone, scale, onBook }: RoomCardProps) {
  const nameId = useId()
  const { tone, headline, next } = roomWords(live, now, zone)
  return (
    <li class="card" data-tone={tone} aria-labelledby={nameId}>
      <header class="card-head">
        <h3 id={nameId}>{room.name}</h3>
        <p class="soft small card-seats">
          <SeatIcon /> {room.capacity} {room.capacity === 1 ? 'seat' : 'seats'}
        </p>
      </header>
      {/* A new key starts the gentle flash anew; the first state does not flash. */}
      <div key={live?.changes ?? 0} class={(live?.changes ?? 0) > 0 ? 'card-state card-changed' : 'card-state'}>
        <p class="card-headline figures">{headline}</p>
        <p class="card-next soft figures">{next}</p>
      </div>
      <DayLine scale={scale} spans={live?.spans ?? []} now={now} zone={zone} />
      <footer class="card-foot">
        <ul class="equipment soft small" aria-label="Equipment">
          {room.equipment.map((name) => (
            <li key={name}>
              <EquipmentIcon name={name} /> {name}
            </li>
          ))}
        </ul>
        <button type="button" class="button" aria-label={`Book ${room.name}`} onClick={onBook}>
          Book
        </button>
      </footer>
    </li>
  )
}
