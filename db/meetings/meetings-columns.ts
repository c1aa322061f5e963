import type { Claim, Meeting, Occurrence, Participant } from '../../domain/meetings/meeting.ts'

/** Rows as parameters of the statements in `meetings-sql.ts`: every array a column. */

export function participantColumns(participants: readonly Participant[]): unknown[][] {
  return [
    participants.map((p) => p.id),
    participants.map((p) => p.userId),
    participants.map((p) => p.email),
    participants.map((p) => p.role),
    participants.map((p) => p.response),
    participants.map((p) => p.comment),
    participants.map((p) => p.inSeries),
  ]
}

export function occurrenceColumns(occurrences: readonly Occurrence[]): unknown[][] {
  return [
    occurrences.map((o) => o.recurrenceId),
    occurrences.map((o) => o.start),
    occurrences.map((o) => o.end),
    occurrences.map((o) => o.status),
    occurrences.map((o) => o.override && JSON.stringify(o.override)),
  ]
}

export function meetingValues(organizationId: string, m: Meeting): unknown[] {
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
    m.allDay,
    m.splitFrom?.meetingId ?? null,
    m.splitFrom?.recurrenceId ?? null,
    m.endsBySplit,
  ]
}

export function claimColumns(claims: readonly Claim[]): unknown[][] {
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
