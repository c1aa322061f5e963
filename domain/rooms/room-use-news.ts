import type { RoomSpan } from '../meetings/meeting-news.ts'
import type { EventType, NewsEvent } from '../news.ts'
import { formatInstant } from '../time/iso.ts'
import type { Instant } from '../time/instant.ts'
import { BLIND, roomStateView } from './room-state.ts'
import type { RoomBooking, RoomLook } from './room-look.ts'

type RoomEventType = Extract<EventType, `room.${string}`>

/** An event of topic `room:<id>`: what happened, and what the room is doing then. No title and no person, ever. */
export function roomUseEvent(type: RoomEventType, look: RoomLook, now: Instant, data: object = {}): NewsEvent {
  const { id } = look.room
  return {
    topic: `room:${id}`,
    type,
    data: { roomId: id, state: roomStateView(look, now, BLIND), ...data },
  }
}

/** The booking as its room's topic names it. */
export function bookingData({ allocationId, meetingId, recurrenceId }: RoomBooking) {
  return { allocationId, meetingId, recurrenceId }
}

export function spanOf(booking: RoomBooking): RoomSpan {
  return {
    ...bookingData(booking),
    start: formatInstant(booking.start),
    end: formatInstant(booking.end),
    kind: 'booking',
    status: booking.status,
  }
}

/** To who booked it, about his own meeting. */
export function organizerEvent(type: RoomEventType, look: RoomLook, booking: RoomBooking, data: object): NewsEvent {
  const { id: roomId, name: roomName } = look.room
  const { title } = booking
  return {
    topic: `person:${booking.organizerId}`,
    type,
    data: { ...bookingData(booking), roomId, roomName, title, ...data },
  }
}
