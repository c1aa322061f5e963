import type { Pool } from 'pg'
import type { Clock, Ids } from '../../domain/deps.ts'
import { withEndedHolds } from '../../domain/holds/hold-news.ts'
import type { RoomUseDeps, RoomUseTx } from '../../domain/rooms/ports.ts'
import type { RoomUseState } from '../../domain/rooms/room-use.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { openHoldWay } from '../holds/hold-way.ts'
import { meetingsTx } from '../meetings/meetings-tx.ts'
import { keepRoomsTold } from '../notifications/keep-rooms-told.ts'
import { record } from '../outbox.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { lookAtRooms } from './room-look.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
}

export function createRoomUseStore(deps: StoreDeps): Pick<RoomUseDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(deps.pool, actor, { now, onNews: deps.onNews }, (tx) => work(roomUseTx(deps, tx, actor.userId, now))),
  }
}

function roomUseTx(ids: Ids, tx: OrganizationTx, viewerId: string, now: Instant): RoomUseTx {
  const organizationId = tx.organizationId
  const way = openHoldWay(tx, viewerId, now)
  return {
    meetings: meetingsTx(tx, ids, now, way),
    look: async (roomId, at) => (await lookAtRooms(tx, viewerId, { roomIds: [roomId] }, at))[0],
    looks: (roomIds, at) => lookAtRooms(tx, viewerId, { roomIds }, at),
    async lockMeeting(meetingId) {
      await tx.query('meeting-lock-only', LOCK_MEETING, [organizationId, meetingId])
    },
    async lockOccupancy(roomId) {
      await tx.query('occupancy-lock', LOCK_OCCUPANCY, [organizationId, roomId])
    },
    async pastUse(roomId, allocationId) {
      const { rows } = await tx.query<{ state: RoomUseState }>('room-use-past', PAST_USE, [
        organizationId,
        allocationId,
        roomId,
      ])
      return rows[0]?.state
    },
    async putUse({ booking, roomId, state, ended, released, ...use }) {
      await tx.query('room-use-put', PUT_USE, [
        organizationId,
        booking.meetingId,
        booking.recurrenceId,
        roomId,
        booking.allocationId,
        booking.start,
        booking.end,
        state,
        use.openedAt,
        use.checkedInAt,
        use.checkedInBy,
        use.warnedAt,
        use.keptAt,
        use.keptBy,
        use.overranAt,
        use.endedAt,
        ended?.by ?? null,
        ended?.reason ?? null,
        released?.at ?? null,
        released?.by ?? null,
        released?.reason ?? null,
        released?.note ?? null,
      ])
    },
    async cutClaim({ allocationId, meetingId, recurrenceId }, end, blockedUntil) {
      const values = [organizationId, meetingId, recurrenceId, allocationId, end, blockedUntil]
      await tx.query('claim-cut', CUT_CLAIM, values)
    },
    async moveEnd(meetingId, recurrenceId, end) {
      await tx.query('occurrence-move-end', MOVE_END, [organizationId, meetingId, recurrenceId, end])
    },
    roomsTold: (meetingId, recurrenceId, roomIds) => keepRoomsTold(tx, { meetingId, recurrenceId, roomIds }),
    async silenceTold(roomId, at) {
      await tx.query('occupancy-silence-told', SILENCE_TOLD, [organizationId, roomId, at])
    },
    record: (actor, entry) =>
      record(tx, { ...entry, events: withEndedHolds(entry.events, way.ended), actor, now, id: ids.newId() }),
  }
}

const LOCK_MEETING = 'SELECT FROM meeting WHERE organization_id = $1 AND id = $2 FOR UPDATE'
const LOCK_OCCUPANCY = 'SELECT FROM room_occupancy WHERE organization_id = $1 AND room_id = $2 FOR UPDATE'

const PAST_USE = 'SELECT state FROM room_use WHERE organization_id = $1 AND allocation_id = $2 AND room_id = $3'

const time = (n: number) => `to_timestamp($${n}::float8 / 1000)`

const PUT_USE = `
  INSERT INTO room_use AS u (organization_id, meeting_id, recurrence_id, room_id, allocation_id, starts_at, booked_until, state,
    opened_at, checked_in_at, checked_in_by, warned_at, kept_at, kept_by, overran_at, ended_at, ended_by, end_reason,
    released_at, released_by, release_reason, release_note)
  VALUES ($1, $2, $3, $4, $5, ${time(6)}, ${time(7)}, $8, ${time(9)}, ${time(10)}, $11, ${time(12)}, ${time(13)}, $14, ${time(15)},
    ${time(16)}, $17, $18, ${time(19)}, $20, $21, $22)
  ON CONFLICT (organization_id, meeting_id, recurrence_id, room_id) DO UPDATE SET
    (allocation_id, starts_at, booked_until, state, opened_at, checked_in_at, checked_in_by, warned_at, kept_at, kept_by,
     overran_at, ended_at, ended_by, end_reason, released_at, released_by, release_reason, release_note) =
    ROW (excluded.allocation_id, excluded.starts_at, excluded.booked_until, excluded.state, excluded.opened_at,
     excluded.checked_in_at, excluded.checked_in_by, excluded.warned_at, excluded.kept_at, excluded.kept_by, excluded.overran_at,
     excluded.ended_at, excluded.ended_by, excluded.end_reason, excluded.released_at, excluded.released_by,
     excluded.release_reason, excluded.release_note)`

// Shorter only: the exclusion constraint has nothing to object to.
const CUT_CLAIM = `
  UPDATE allocation SET ends_at = to_timestamp($5::float8 / 1000), blocked_until = to_timestamp($6::float8 / 1000)
  WHERE organization_id = $1 AND meeting_id = $2 AND recurrence_id = $3 AND id = $4`

const MOVE_END = `
  UPDATE occurrence SET ends_at = to_timestamp($4::float8 / 1000)
  WHERE organization_id = $1 AND meeting_id = $2 AND recurrence_id = $3`

const SILENCE_TOLD = `
  UPDATE room_occupancy SET silence_told_at = to_timestamp($3::float8 / 1000) WHERE organization_id = $1 AND room_id = $2`
