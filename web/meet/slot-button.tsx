import { useId } from 'preact/hooks'
import type { Room } from '../client/contract.ts'
import { dayIn, timeIn } from '../client/zone.ts'

/** A time that would work, as suggestions and refusals name it. */
export interface Slot {
  start: string
  end: string
  roomIds: string[]
  /** Sentences. */
  reasons: string[]
}

interface SlotButtonProps {
  slot: Slot
  rooms: readonly Room[]
  zone: string
  onTake: (slot: Slot) => void
}

/** Holds that time when pressed. */
export function SlotButton({ slot, rooms, zone, onTake }: SlotButtonProps) {
  const id = useId()
  const [from, until] = [Date.parse(slot.start), Date.parse(slot.end)]
  const names = slot.roomIds.flatMap((id) => rooms.find((room) => room.id === id)?.name ?? [])
  return (
    <li>
      <button type="button" class="slot" aria-describedby={id} onClick={() => onTake(slot)}>
        <span class="unseen">Hold </span>
        <span class="slot-time figures">
          {dayIn(zone, from)} {timeIn(zone, from)}–{timeIn(zone, until)}
        </span>
        {names.length > 0 && <span class="small"> {names.join(', ')}</span>}
      </button>
      <p id={id} class="soft small">
        {slot.reasons.join(' ')}
      </p>
    </li>
  )
}
