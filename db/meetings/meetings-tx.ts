import type { Pool } from 'pg'
import type { Ids } from '../../domain/deps.ts'
import type { Claim, Meeting, Occurrence, Participant } from '../../domain/meetings/meeting.ts'
import type { LostClaim, MeetingsDeps, MeetingsTx } from '../../domain/meetings/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { record, recordValues } from '../outbox.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { busySpans, freeRooms } from '../rooms/free-rooms.ts'
import * as sql from './meetings-sql.ts'
import { type MeetingRow, readAggregate, readFacts } from './meetings-rows.ts'

/** Commands on meetings, each in one transaction of its organisation. */
export function createMeetingsStore(pool: Pool, ids: Ids, onNews: () => void): Pick<MeetingsDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(pool, actor, { now, onNews }, (tx) => work(meetingsTx(tx, ids, now))),
  }
}

function meetingsTx(tx: OrganizationTx, ids: Ids, now: Instant): MeetingsTx {
  const organizationId = tx.organizationId
  return {
    facts: (roomIds, userIds, emails) => readFacts(tx, roomIds, userIds, emails),

    async load(id) {
      const locked = await tx.query<MeetingRow>('meeting-lock', sql.LOCK_MEETING, [organizationId, id])
      const [row] = locked.rows
      return row === undefined ? undefined : readAggregate(tx, row)
    },

    async book({ meeting, participants, occurrences }, claims, entry) {
      const { rows } = await tx.query<{ granted: number; xid: string | null }>('meeting-book', sql.BOOK, [
        ...meetingValues(organizationId, meeting),
        ...participantColumns(participants),
        ...occurrenceColumns(occurrences),
        ...claimColumns(claims),
        claims.length,
        ...recordValues({ ...entry, now, id: ids.newId() }),
      ])
      const xid = rows[0]?.xid ?? undefined
      if (xid !== undefined) tx.transactionId = xid
      return rows[0]?.granted === claims.length
    },

    async update(meeting, { participants, occurrences }) {
      await tx.query('meeting-update', sql.UPDATE_MEETING, meetingValues(organizationId, meeting))
      if (participants !== undefined) {
        await tx.query('participants-keep', sql.KEEP_PARTICIPANTS, [organizationId, meeting.id, participants.map((p) => p.id)])
        if (participants.length > 0) await putParticipants(tx, meeting.id, participants)
      }
      if (occurrences !== undefined) {
        const kept = occurrences.map((occurrence) => occurrence.recurrenceId)
        await tx.query('occurrences-keep', sql.KEEP_OCCURRENCES, [organizationId, meeting.id, kept])
        await putOccurrences(tx, meeting.id, occurrences)
      }
    },

    async claim(meetingId, claims) {
      const { rows } = await tx.query<{ granted: number }>('claims-insert', sql.INSERT_CLAIMS, [
        organizationId,
        meetingId,
        ...claimColumns(claims),
      ])
      return rows[0]?.granted === claims.length
    },

    async lostClaims(meetingId, claims) {
      const exclusive = claims.filter((claim) => claim.exclusive)
      const { rows } = await tx.query<{ resource_id: string; recurrence_id: string; starts_at: Instant | null; ends_at: Instant | null }>(
        'claims-lost',
        sql.LOST_CLAIMS,
        [
          organizationId,
          meetingId,
          exclusive.map((c) => c.resourceId),
          exclusive.map((c) => c.recurrenceId),
          exclusive.map((c) => c.blockedFrom),
          exclusive.map((c) => c.blockedUntil),
          sql.LONGEST_BLOCK_MS / 1000,
        ],
      )
      return rows.map((row): LostClaim => ({
        resourceId: row.resource_id,
        recurrenceId: row.recurrence_id as LostClaim['recurrenceId'],
        blocker: row.starts_at === null ? undefined : { start: row.starts_at, end: row.ends_at as Instant },
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

    freeRooms: (need, spans, limit) => freeRooms(tx, need, spans, limit),
    busy: (roomIds, window) => busySpans(tx, roomIds, window),
    record: (entry) => record(tx, { ...entry, now, id: ids.newId() }),
  }
}

function putParticipants(tx: OrganizationTx, meetingId: string, participants: readonly Participant[]) {
  const values = [tx.organizationId, meetingId, ...participantColumns(participants)]
  return tx.query('participants-put', sql.PUT_PARTICIPANTS, values)
}

function putOccurrences(tx: OrganizationTx, meetingId: string, occurrences: readonly Occurrence[]) {
  const values = [tx.organizationId, meetingId, ...occurrenceColumns(occurrences)]
  return tx.query('occurrences-put', sql.PUT_OCCURRENCES, values)
}

function participantColumns(participants: readonly Participant[]): unknown[][] {
  return [
    participants.map((p) => p.id),
    participants.map((p) => p.userId),
    participants.map((p) => p.email),
    participants.map((p) => p.role),
    participants.map((p) => p.response),
  ]
}

function occurrenceColumns(occurrences: readonly Occurrence[]): unknown[][] {
  return [
    occurrences.map((o) => o.recurrenceId),
    occurrences.map((o) => o.start),
    occurrences.map((o) => o.end),
    occurrences.map((o) => o.status),
  ]
}

function meetingValues(organizationId: string, m: Meeting): unknown[] {
  return [
    organizationId,
    m.id,
    m.organizerId,
    m.title,
    m.description,
    m.status,
    m.visibility,
    m.timezone,
    m.localStart,
    m.start,
    m.end,
    m.rrule,
    m.exdates,
    m.rdates,
    m.materialisedUntil,
    m.tzVersion,
    m.roomIds,
    JSON.stringify(m.metadata),
    m.version,
    m.textRevision,
    m.createdAt,
    m.updatedAt,
  ]
}

function claimColumns(claims: readonly Claim[]): unknown[][] {
  return [
    claims.map((c) => c.id),
    claims.map((c) => c.resourceId),
    claims.map((c) => c.resourceKind),
    claims.map((c) => c.recurrenceId),
    claims.map((c) => c.start),
    claims.map((c) => c.end),
    claims.map((c) => c.blockedFrom),
    claims.map((c) => c.blockedUntil),
    claims.map((c) => c.exclusive),
  ]
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
