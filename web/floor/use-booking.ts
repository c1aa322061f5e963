import { useRef, useState } from 'preact/hooks'
import type { Booked, Problem, Room } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import { type Draft, bookingBody } from './booking.ts'

/** A booking that did not happen, and what would have been booked. */
export interface Refused {
  problem: Problem
  draft: Draft
  /** Rooms that suggestions name, the floor's own included. */
  rooms: readonly Room[]
}

interface BookingRequest {
  rest: Rest
  rooms: readonly Room[]
  zone: string
  onBooked: (booked: Booked, draft: Draft) => void
}

/** Sends bookings, one at a time. A repeat of the same one after a lost answer cannot book twice. */
export function useBooking({ rest, rooms, zone, onBooked }: BookingRequest) {
  const [isBusy, setBusy] = useState(false)
  const [refused, setRefused] = useState<Refused>()
  const keys = useRef(new Map<string, string>())

  const book = async (draft: Draft, onConflict: 'reject' | 'skip' = 'reject') => {
    if (isBusy) return
    setBusy(true)
    const body = bookingBody(draft, zone, onConflict)
    const text = JSON.stringify(body)
    const key = keys.current.get(text) ?? newKey()
    keys.current.set(text, key)
    const answer = await rest.post<Booked>('/meetings', body, key)
    if (answer.ok) onBooked(answer.value, draft)
    else setRefused({ problem: answer.problem, draft, rooms: await named(rest, rooms, answer.problem) })
    setBusy(false)
  }
  return { book, isBusy, refused, forget: () => setRefused(undefined) }
}

/** Suggestions may lead to other floors. */
async function named(rest: Rest, rooms: readonly Room[], { suggestions = [] }: Problem): Promise<Room[]> {
  const ids = new Set(suggestions.flatMap((suggestion) => suggestion.roomIds))
  for (const room of rooms) ids.delete(room.id)
  const found = await Promise.all([...ids].map((id) => rest.get<Room>(`/rooms/${id}`)))
  return [...rooms, ...found.flatMap((answer) => (answer.ok ? [answer.value] : []))]
}
