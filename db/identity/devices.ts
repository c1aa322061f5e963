import { createHmac, randomInt } from 'node:crypto'
import type { Pool } from 'pg'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Device, DeviceRoom, DevicesDeps, DevicesTx, Pairing } from '../../domain/identity/device.ts'
import { newUser } from '../../domain/people/user.ts'
import { ok } from '../../domain/result.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { record } from '../outbox.ts'
import { insertUser } from '../people/people-tx.ts'
import { type OrganizationTx, readOnly, transact } from '../transaction.ts'
import { deriveKey } from './application-key.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
  applicationKey: Uint8Array
}

/** Pairings and devices in the store, and their codes. */
export function createDevicesStore(
  deps: StoreDeps,
): Pick<DevicesDeps, 'newPairingCode' | 'findPairing'> & { transactDevices: DevicesDeps['transact'] } {
  const { pool, onNews } = deps
  const hashKey = deriveKey(deps.applicationKey, 'pairing codes')
  const hashOf = (code: string) => createHmac('sha256', hashKey).update(code).digest()
  return {
    newPairingCode: () => String(randomInt(1_000_000)).padStart(6, '0'),
    async findPairing(code, now) {
      const { rows } = await pool.query<{ id: string; organization_id: string }>({
        name: 'pairing-find',
        text: `SELECT id, organization_id FROM identity.device_pairing
               WHERE code_hash = $1 AND expires_at > to_timestamp($2 / 1000.0)`,
        values: [hashOf(code), now],
      })
      return rows[0] && { id: rows[0].id, organizationId: rows[0].organization_id }
    },
    transactDevices: (scope, now, work) =>
      transact(pool, scope, { now, onNews }, (tx) => work(devicesTx(deps, tx, now, hashOf))),
  }
}

function devicesTx(ids: Ids, tx: OrganizationTx, now: Instant, hashOf: (code: string) => Buffer): DevicesTx {
  return {
    async findRoom(roomId) {
      const { rows } = await tx.query<RoomRow>('device-room', FIND_ROOM, [tx.organizationId, roomId])
      return rows[0] && roomOf(rows[0])
    },
    async openPairings(at) {
      await tx.query('pairings-lock', 'SELECT FROM identity.organization WHERE id = $1 FOR NO KEY UPDATE', [
        tx.organizationId,
      ])
      const { rows } = await tx.query<{ count: number; next_end: Instant | null }>('pairings-open', OPEN_PAIRINGS, [
        tx.organizationId,
        at,
      ])
      return { count: rows[0]?.count ?? 0, nextEnd: rows[0]?.next_end ?? undefined }
    },
    async insertPairing({ id, roomId, name, createdBy, expiresAt }, code, at) {
      await tx.query(
        'pairings-expire',
        `DELETE FROM identity.device_pairing
         WHERE (organization_id = $1 OR code_hash = $2) AND expires_at <= to_timestamp($3 / 1000.0)`,
        [tx.organizationId, hashOf(code), at],
      )
      const { rowCount } = await tx.query('pairing-insert', INSERT_PAIRING, [
        hashOf(code),
        id,
        tx.organizationId,
        roomId,
        name,
        createdBy,
        expiresAt,
      ])
      return rowCount === 1
    },
    async takePairing(code, at) {
      const { rows } = await tx.query<PairingRow>('pairing-take', TAKE_PAIRING, [tx.organizationId, hashOf(code), at])
      return rows[0] && pairingOf(rows[0])
    },
    async dropPairing(id) {
      const { rowCount } = await tx.query(
        'pairing-drop',
        'DELETE FROM identity.device_pairing WHERE organization_id = $1 AND id = $2',
        [tx.organizationId, id],
      )
      return rowCount === 1
    },
    async insertDevice(device, { timezone }, userAgent) {
      const { id, roomId, name, sessionId, pairedAt } = device
      // An address no mail goes to (RFC 2606), so that every user has one.
      const user = { id, email: `panel-${id}@device.invalid`, firstName: name, lastName: '(panel)', timezone }
      await insertUser(tx, newUser({ ...user, role: 'panel' }, pairedAt))
      await tx.query('device-insert', INSERT_DEVICE, [
        tx.organizationId,
        id,
        roomId,
        name,
        sessionId,
        pairedAt,
        userAgent ?? null,
      ])
    },
    async load(id) {
      const { rows } = await tx.query<DeviceRow>('device-load', `${DEVICES} AND id = $2 FOR UPDATE`, [
        tx.organizationId,
        id,
      ])
      return rows[0] && deviceOf(rows[0])
    },
    async revoke({ id }, at) {
      await tx.query('device-revoke', `${revoking('id')}`, [tx.organizationId, id, at])
    },
    record: (actor, entry) => record(tx, { ...entry, actor, now, id: ids.newId() }),
  }
}

/** A room that goes out of use takes its panels with it. */
export async function revokeDevicesOfRoom(tx: OrganizationTx, roomId: string, at: Instant): Promise<void> {
  await tx.query('devices-of-room-revoke', revoking('room_id'), [tx.organizationId, roomId, at])
}

export interface DevicePage {
  limit: number
  /** The id of the last device of the page before. */
  after?: string | undefined
}

/** In the order of their pairing, revoked ones too; at most `limit`. */
export function listDevices(pool: Pool, organizationId: string, { limit, after }: DevicePage): Promise<Device[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const text = `${DEVICES} AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`
    const { rows } = await tx.query<DeviceRow>('devices-list', text, [organizationId, after ?? null, limit])
    return rows.map(deviceOf)
  })
}

/** Whether a device token still opens its room's doors. Looking is being seen. */
export async function seeDevice(
  pool: Pool,
  device: { organizationId: string; id: string; sessionId: string; roomId: string },
  now: Instant,
): Promise<boolean> {
  const { organizationId, id, sessionId, roomId } = device
  const seen = await transact(pool, { organizationId, userId: id }, { now, onNews: () => {} }, async (tx) => {
    const { rowCount } = await tx.query('device-see', SEE, [organizationId, id, sessionId, roomId, now])
    return ok(rowCount === 1)
  })
  return seen.ok && seen.value
}

interface RoomRow {
  id: string
  name: string
  is_active: boolean
  timezone: string
}

function roomOf({ id, name, is_active, timezone }: RoomRow): DeviceRoom {
  return { id, name, isActive: is_active, timezone }
}

interface PairingRow {
  id: string
  room_id: string
  name: string
  created_by: string
  expires_at: Instant
}

function pairingOf(row: PairingRow): Pairing {
  return { id: row.id, roomId: row.room_id, name: row.name, createdBy: row.created_by, expiresAt: row.expires_at }
}

interface DeviceRow {
  id: string
  room_id: string
  name: string
  session_id: string
  paired_at: Instant
  last_seen_at: Instant
  revoked_at: Instant | null
}

function deviceOf(row: DeviceRow): Device {
  return {
    id: row.id,
    roomId: row.room_id,
    name: row.name,
    sessionId: row.session_id,
    pairedAt: row.paired_at,
    lastSeenAt: row.last_seen_at,
    revokedAt: row.revoked_at,
  }
}

const FIND_ROOM = `
  SELECT r.id, r.name, r.is_active, coalesce(b.timezone, 'UTC') AS timezone
  FROM room r
  LEFT JOIN floor f ON f.organization_id = $1 AND f.id = r.floor_id
  LEFT JOIN building b ON b.organization_id = $1 AND b.id = f.building_id
  WHERE r.organization_id = $1 AND r.id = $2`

const OPEN_PAIRINGS = `
  SELECT count(*)::integer AS count, min(expires_at) AS next_end FROM identity.device_pairing
  WHERE organization_id = $1 AND expires_at > to_timestamp($2 / 1000.0)`

const INSERT_PAIRING = `
  INSERT INTO identity.device_pairing (code_hash, id, organization_id, room_id, name, created_by, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7 / 1000.0)) ON CONFLICT DO NOTHING`

const TAKE_PAIRING = `
  DELETE FROM identity.device_pairing
  WHERE organization_id = $1 AND code_hash = $2 AND expires_at > to_timestamp($3 / 1000.0)
  RETURNING id, room_id, name, created_by, expires_at`

const INSERT_DEVICE = `
  WITH opened AS (
    INSERT INTO identity.session (id, organization_id, user_id, created_at, last_seen_at, expires_at, user_agent)
    VALUES ($5, $1, $2, to_timestamp($6 / 1000.0), to_timestamp($6 / 1000.0), 'infinity', $7)
  )
  INSERT INTO device (organization_id, id, room_id, name, session_id, paired_at, last_seen_at)
  VALUES ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0), to_timestamp($6 / 1000.0))`

const DEVICES = `
  SELECT id, room_id, name, session_id, paired_at, last_seen_at, revoked_at FROM device WHERE organization_id = $1`

const SEE = `
  UPDATE device SET last_seen_at = greatest(device.last_seen_at, to_timestamp($5 / 1000.0))
  FROM identity.session s, room r
  WHERE device.organization_id = $1 AND device.id = $2 AND device.session_id = $3 AND device.room_id = $4
    AND device.revoked_at IS NULL AND s.id = $3 AND s.organization_id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL
    AND r.organization_id = $1 AND r.id = $4 AND r.is_active`

/** Devices whose `column` is $2, and their sessions, which is what every node polls. */
function revoking(column: 'id' | 'room_id'): string {
  return `
  WITH revoked AS (
    UPDATE device SET revoked_at = to_timestamp($3 / 1000.0)
    WHERE organization_id = $1 AND ${column} = $2 AND revoked_at IS NULL RETURNING session_id
  )
  UPDATE identity.session s SET revoked_at = to_timestamp($3 / 1000.0), revoked_reason = 'device_revoked'
  FROM revoked WHERE s.id = revoked.session_id AND s.revoked_at IS NULL`
}
