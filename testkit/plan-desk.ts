import { expectStatus } from './booking-office.ts'
import { type RoomOffice, openRoomOffice } from './room-office.ts'

const DAY_MINUTES = 1_440

/** An occurrence of a preview, as REST says it. */
export interface Planned {
  recurrenceId: string
  start: string
  verdict: string
  conflicts: { kind: string; detail?: string }[]
  repair?: { kind: string; roomIds?: string[]; start?: string }
  alternatives?: { kind: string }[]
}

/** A member who plans, and somebody else whose bookings are in his way. Minutes count from Monday, 09:00 UTC. */
export type PlanDesk = Awaited<ReturnType<typeof openPlanDesk>>

export async function openPlanDesk() {
  const office: RoomOffice = await openRoomOffice()
  const mine = (await office.person('member')).token
  const other = (await office.person('room_manager')).token
  const post = (path: string, body: object, token = mine) => office.api.call('POST', path, { token, body })
  return {
    office,
    mine,
    other,
    post,
    preview: async (body: object, token = mine) => expectStatus(await post('/meetings/preview', body, token), 200).body,
    commit: (planId: string, repairs?: object | string, token = mine) =>
      post('/meetings/commit', { planId, ...(repairs !== undefined && { repairs }) }, token),
    /** Daily, an hour from that minute on. */
    daily: (roomIds: string[], from: number, count: number, more: object = {}) => ({
      ...{ title: 'Daily', timezone: 'UTC', roomIds, startTime: office.time(from), endTime: office.time(from + 60) },
      recurrencePattern: { rrule: `FREQ=DAILY;COUNT=${count}` },
      ...more,
    }),
    taken: (room: string, from: number, to: number) => office.meet(room, from, to, { title: 'Other' }, other),
    occurrences: async (meetingId: string, query = '') => {
      const window = `from=${office.time(0)}&to=${office.time(365 * DAY_MINUTES)}&limit=500`
      return (await office.get(`/meetings/${meetingId}/occurrences?${window}${query}`, mine)).body.items
    },
    [Symbol.asyncDispose]: () => office[Symbol.asyncDispose](),
  }
}
