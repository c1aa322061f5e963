import type { RoomStatus } from './contract.ts'

/** The one word for how a room stands. */
export const STATUS_WORDS: Record<RoomStatus, string> = {
  free: 'Free',
  held: 'Held',
  reserved: 'Reserved',
  checked_in: 'In use',
  overrun: 'Overrun',
  blocked: 'Closed',
  unknown: 'Unknown',
}
