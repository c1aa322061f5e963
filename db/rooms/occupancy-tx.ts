import type { Pool } from 'pg'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Occupancy } from '../../domain/rooms/occupancy.ts'
import type { OccupancyDeps, OccupancyTx } from '../../domain/rooms/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { record } from '../outbox.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { lookAtRooms } from './room-look.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
}

export function createOccupancyStore(deps: StoreDeps): Pick<OccupancyDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(deps.pool, actor, { now, onNews: deps.onNews }, (tx) => work(occupancyTx(deps, tx, actor.userId, now))),
  }
}

interface KnownRow {
  id: string
  at: Instant | null
  present: boolean
  count: number | null
  changed_at: Instant
  last_present_at: Instant | null
  silence_told_at: Instant | null
}

function occupancyTx(ids: Ids, tx: OrganizationTx, viewerId: string, now: Instant): OccupancyTx {
  const organizationId = tx.organizationId
  return {
    async lockKnown(roomIds) {
      await tx.query('occupancy-lock-all', LOCK_ALL, [organizationId, roomIds])
      const { rows } = await tx.query<KnownRow>('occupancy-known', KNOWN, [organizationId, roomIds])
      return new Map(rows.map((row) => [row.id, knownOf(row)]))
    },
    async keep(samples, reportedBy) {
      if (samples.length === 0) return new Set()
      const { rows } = await tx.query<{ id: string }>('occupancy-keep', KEEP, [
        organizationId,
        samples.map((sample) => sample.id),
        samples.map((sample) => sample.at),
        samples.map((sample) => sample.roomId),
        samples.map((sample) => sample.present),
        samples.map((sample) => sample.count),
        samples.map((sample) => sample.confidence),
        reportedBy,
      ])
      return new Set(rows.map((row) => row.id))
    },
    async write(rooms) {
      if (rooms.size === 0) return
      const words = [...rooms.values()]
      await tx.query('occupancy-write', WRITE, [
        organizationId,
        [...rooms.keys()],
        words.map((word) => word.at),
        words.map((word) => word.present),
        words.map((word) => word.count),
        words.map((word) => word.changedAt),
        words.map((word) => word.lastPresentAt),
      ])
    },
    looks: async (roomIds, at) => (roomIds.length === 0 ? [] : lookAtRooms(tx, viewerId, { roomIds }, at)),
    record: (actor, entry) => record(tx, { ...entry, actor, now, id: ids.newId() }),
  }
}

function knownOf(row: KnownRow): Occupancy | null {
  if (row.at === null) return null
  const { at, present, count } = row
  const [changedAt, lastPresentAt, silenceToldAt] = [row.changed_at, row.last_present_at, row.silence_told_at]
  return { at, present, count, changedAt, lastPresentAt, silenceToldAt }
}

const LOCK_ALL = `
  SELECT FROM room_occupancy WHERE organization_id = $1 AND room_id = ANY ($2::uuid[]) ORDER BY room_id FOR UPDATE`

const KNOWN = `
  SELECT r.id, o.at, o.present, o.count, o.changed_at, o.last_present_at, o.silence_told_at
  FROM room r LEFT JOIN room_occupancy o ON o.organization_id = $1 AND o.room_id = r.id
  WHERE r.organization_id = $1 AND r.id = ANY ($2::uuid[])`

// In one order, so that two devices with the same samples wait for each other. An id that came with another time came before too.
const KEEP = `
  INSERT INTO occupancy_sample (organization_id, id, at, room_id, present, count, confidence, reported_by)
  SELECT $1, s.id, to_timestamp(s.at / 1000), s.room_id, s.present, s.count, s.confidence, $8
  FROM unnest($2::text[], $3::float8[], $4::uuid[], $5::boolean[], $6::integer[], $7::real[])
    AS s (id, at, room_id, present, count, confidence)
  WHERE NOT EXISTS (SELECT FROM occupancy_sample o WHERE o.organization_id = $1 AND o.id = s.id)
  ORDER BY s.id
  ON CONFLICT DO NOTHING
  RETURNING id`

// Of two first words about a room the newer one stays.
const WRITE = `
  INSERT INTO room_occupancy AS o (organization_id, room_id, at, present, count, changed_at, last_present_at)
  SELECT $1, w.room_id, to_timestamp(w.at / 1000), w.present, w.count, to_timestamp(w.changed_at / 1000),
         to_timestamp(w.last_present_at / 1000)
  FROM unnest($2::uuid[], $3::float8[], $4::boolean[], $5::integer[], $6::float8[], $7::float8[])
    AS w (room_id, at, present, count, changed_at, last_present_at)
  ORDER BY w.room_id
  ON CONFLICT (organization_id, room_id) DO UPDATE SET
    at = excluded.at, present = excluded.present, count = excluded.count, changed_at = excluded.changed_at,
    last_present_at = excluded.last_present_at
  WHERE excluded.at >= o.at`
