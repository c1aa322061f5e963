import { useEffect, useState } from 'preact/hooks'
import type { Allocation } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import { type RoomState, spanOf } from '../client/room-state.ts'
import { addDays, instantIn } from '../client/zone.ts'

interface DaySpansRequest {
  rest: Rest
  live: RoomState | undefined
  roomId: string
  date: string
  zone: string
  now: number
}

/** A live state reaches 48 h ahead of the moment it was read, and is read anew every 6 h. */
const LIVE_MS = 40 * 3_600_000

/** A room's time on one day: live where the live state reaches, else as read once. Undefined while it is not known. */
export function useDaySpans({ rest, live, roomId, date, zone, now }: DaySpansRequest): RoomState | undefined {
  const [read, setRead] = useState<{ key: string; spans: RoomState }>()
  const key = `${roomId} ${date}`
  const isLive = live !== undefined && date !== '' && instantIn(zone, addDays(date, 1), '00:00') <= now + LIVE_MS
  useEffect(() => {
    if (isLive || date === '') return
    let isWanted = true
    const from = new Date(instantIn(zone, date, '00:00')).toISOString()
    const to = new Date(instantIn(zone, addDays(date, 1), '00:00')).toISOString()
    void rest.get<{ items: Allocation[] }>(`/rooms/${roomId}/schedule?from=${from}&to=${to}`).then((answer) => {
      if (isWanted && answer.ok) setRead({ key, spans: answer.value.items.map(spanOf) })
    })
    return () => {
      isWanted = false
    }
  }, [key, isLive])
  if (isLive) return live
  return read?.key === key ? read.spans : undefined
}
