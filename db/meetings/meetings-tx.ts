import type { Pool } from 'pg'
import type { Ids } from '../../domain/deps.ts'
import type { Claim, Occurrence, Participant } from '../../domain/meetings/meeting.ts'
import { withEndedHolds } from '../../domain/holds/hold-news.ts'
import type { Entry, LostClaim, MeetingsDeps, MeetingsTx } from '../../domain/meetings/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { writeText } from '../documents/write-text.ts'
import { type HoldWay, openHoldWay } from '../holds/hold-way.ts'
import { record } from '../outbox.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { busySpans, freeRooms, freeRoomsPerSpan } from '../rooms/free-rooms.ts'
import { settledRooms } from '../rooms/settled-rooms.ts'
import { handOverTold } from '../notifications/hand-over-told.ts'
import { keepChange } from './history.ts'
import { blockersOf } from './blockers.ts'
import { claimColumns, meetingValues, occurrenceColumns, participantColumns } from './meetings-columns.ts'
import * as sql from './meetings-sql.ts'
import { type MeetingRow, readAggregate, readFacts } from './meetings-rows.ts'
import { shareTransactions } from './share-transactions.ts'
import { writeBookings } from './write-bookings.ts'

type Transact = MeetingsDeps['transact']

/**
 * Commands on meetings, each in one transaction of its organisation. Bookings without an idempotency key may share one
 * (share-transactions.ts).
 */
export function createMeetingsStore(pool: Pool, ids: Ids, onNews: () => void): Pick<MeetingsDeps, 'transact'> {
  const alone: Transact = (actor, now, work) =>
    transact(pool, actor, { now, onNews }, (tx) => work(meetingsTx(tx, ids, now, openHoldWay(tx, actor.userId, now))))
  const shared = shareTransactions({ pool, ids, onNews, alone })
  return {
    transact: (actor, now, work) => (actor.idempotency === undefined ? shared : alone)(actor, now, work),
  }
}

/** The port inside one transaction; what holds it takes away is told with whatever it records. */
export function meetingsTx(tx: OrganizationTx, ids: Ids, now: Instant, way: HoldWay): MeetingsTx {
  const organizationId = tx.organizationId
  const viewer = { userId: way.ownerId, now }
  let isHolder = false
  const tell = (entry: Entry): Entry => ({ ...entry, events: withEndedHolds(entry.events, way.ended) })
  const keep = (...entries: Entry[]) =>
    record(tx, ...entries.map((entry, i) => ({ ...(i === 0 ? tell(entry) : entry), now, id: ids.newId() })))
  return {
    async facts(roomIds, userIds, emails) {
      const facts = await readFacts(tx, roomIds, userIds, emails)
      isHolder ||= facts.holders.has(way.ownerId)
      return facts
    },

    async load(id) {
      const locked = await tx.query<MeetingRow>('meeting-lock', sql.LOCK_MEETING, [organizationId, id])
      const [row] = locked.rows
      return row === undefined ? undefined : readAggregate(tx, row)
    },

    async book(aggregate, claims, entry) {
      if (isHolder) await way.clear(claims)
      const granted = await writeBookings(tx, ids, [{ aggregate, claims, entry: tell(entry), now }])
      if (granted === 'all') return true
      const missing = claims.filter((claim) => !granted.has(claim.id))
      const isFreed = await way.clear(missing)
      if (!isFreed || (await insertClaims(tx, aggregate.meeting.id, missing)) < missing.length) return false
      await keep(entry)
      return true
    },

    async insert({ meeting, participants, occurrences }) {
      await tx.query('meeting-insert', sql.INSERT_MEETING, meetingValues(organizationId, meeting))
      if (participants.length > 0) await putParticipants(tx, meeting.id, participants)
      await putOccurrences(tx, meeting.id, occurrences)
    },

    async update(meeting, { participants, occurrences }) {
      await tx.query('meeting-update', sql.UPDATE_MEETING, meetingValues(organizationId, meeting))
      if (participants !== undefined) {
        await tx.query('participants-keep', sql.KEEP_PARTICIPANTS, [
          organizationId,
          meeting.id,
          participants.map((p) => p.id),
        ])
        if (participants.length > 0) await putParticipants(tx, meeting.id, participants)
      }
      if (occurrences !== undefined) {
        const kept = occurrences.map((occurrence) => occurrence.recurrenceId)
        await tx.query('occurrences-keep', sql.KEEP_OCCURRENCES, [organizationId, meeting.id, kept])
        await putOccurrences(tx, meeting.id, occurrences)
      }
    },

    async claim(meetingId, claims) {
      if (isHolder) await way.clear(claims)
      const granted = await insertClaims(tx, meetingId, claims)
      if (granted === claims.length) return true
      // Only what is exclusive can be lost; what was granted of it before is in its own way now.
      const rooms = claims.filter((claim) => claim.exclusive)
      if (!(await way.clear(rooms))) return false
      return granted + (await insertClaims(tx, meetingId, rooms)) === claims.length
    },

    async lostClaims(meetingId, claims) {
      const exclusive = claims.filter((claim) => claim.exclusive)
      const { rows } = await tx.query<{
        resource_id: string
        recurrence_id: string
        starts_at: Instant | null
        ends_at: Instant | null
        is_hold: boolean | null
      }>('claims-lost', sql.LOST_CLAIMS, [
        organizationId,
        meetingId,
        exclusive.map((c) => c.resourceId),
        exclusive.map((c) => c.recurrenceId),
        exclusive.map((c) => c.blockedFrom),
        exclusive.map((c) => c.blockedUntil),
        sql.LONGEST_BLOCK_MS / 1000,
      ])
      return rows.map((row): LostClaim => ({
        resourceId: row.resource_id,
        recurrenceId: row.recurrence_id as LostClaim['recurrenceId'],
        blocker:
          row.starts_at === null
            ? undefined
            : { start: row.starts_at, end: row.ends_at as Instant, kind: row.is_hold === true ? 'hold' : 'booking' },
      }))
    },

    async claimsOf(meetingId) {
      const { rows } = await tx.query<ClaimRow>('claims-of', sql.CLAIMS_OF, [organizationId, meetingId])
      return rows.map(claimOf)
    },

    async release(meetingId, claims) {
      if (claims.length === 0) return
      await tx.query('claims-release', sql.RELEASE_CLAIMS, [
        organizationId,
        meetingId,
        claims.map((claim) => claim.resourceId),
        claims.map((claim) => claim.recurrenceId),
      ])
    },

    settled: (meetingId) => settledRooms(tx, meetingId),
    freeRooms: (need, spans, limit) => freeRooms(tx, need, spans, limit, viewer),
    freeRoomsPerSpan: (need, spans) => freeRoomsPerSpan(tx, need, spans, viewer),
    blockers: (claims, released) => blockersOf(tx, claims, released, viewer),
    busy: (roomIds, window) => busySpans(tx, roomIds, window, viewer),
    writeText: (meetingId, authorId, text) => writeText(tx, { meetingId, authorId }, text, now),
    record: keep,
    handOverTold: (handOver) => handOverTold(tx, handOver),
    keepChange: (change) => keepChange(tx, ids.newId(), now, change),

    async statusBeforeCancel(meetingId) {
      const { rows } = await tx.query<{ status: 'tentative' | 'confirmed' | null }>(
        'meeting-status-before',
        sql.STATUS_BEFORE_CANCEL,
        [organizationId, meetingId],
      )
      return rows[0]?.status ?? undefined
    },
  }
}

/** How many were granted. */
async function insertClaims(tx: OrganizationTx, meetingId: string, claims: readonly Claim[]): Promise<number> {
  const { rows } = await tx.query<{ granted: number }>('claims-insert', sql.INSERT_CLAIMS, [
    tx.organizationId,
    claims.map(() => meetingId),
    ...claimColumns(claims),
  ])
  return rows[0]?.granted ?? 0
}

function putParticipants(tx: OrganizationTx, meetingId: string, participants: readonly Participant[]) {
  const values = [tx.organizationId, meetingId, ...participantColumns(participants)]
  return tx.query('participants-put', sql.PUT_PARTICIPANTS, values)
}

function putOccurrences(tx: OrganizationTx, meetingId: string, occurrences: readonly Occurrence[]) {
  const values = [tx.organizationId, meetingId, ...occurrenceColumns(occurrences)]
  return tx.query('occurrences-put', sql.PUT_OCCURRENCES, values)
}

interface ClaimRow {
  id: string
  resource_id: string
  resource_kind: Claim['resourceKind']
  recurrence_id: string
  starts_at: Instant
  ends_at: Instant
  blocked_from: Instant
  blocked_until: Instant
  exclusive: boolean
}

function claimOf(row: ClaimRow): Claim {
  return {
    id: row.id,
    resourceId: row.resource_id,
    resourceKind: row.resource_kind,
    recurrenceId: row.recurrence_id as Claim['recurrenceId'],
    start: row.starts_at,
    end: row.ends_at,
    blockedFrom: row.blocked_from,
    blockedUntil: row.blocked_until,
    exclusive: row.exclusive,
  }
}
