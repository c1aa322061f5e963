import type { Instant } from '../time/instant.ts'

/** A secret address under which others read a calendar of ours: of the person who made it, or of a room as busy times only. */
export interface Feed {
  id: string
  userId: string
  kind: 'person' | 'room'
  roomId: string | null
  createdAt: Instant
}
