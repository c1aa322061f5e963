import type { Pool } from 'pg'
import type { MeetingAggregate } from '../../domain/meetings/ports.ts'
import {
  type MeetingRow,
  type OccurrenceRow,
  meetingOf,
  occurrenceOf,
  readParticipants,
} from '../meetings/meetings-rows.ts'
import { readAtOnce } from '../transaction.ts'

/** A meeting with its people, and of its occurrences the one that is named; undefined: the organisation has none. Nobody's rights are asked here. */
export function readMeetingToMove(
  pool: Pool,
  organizationId: string,
  { meetingId, recurrenceId }: { meetingId: string; recurrenceId?: string | undefined },
): Promise<MeetingAggregate | undefined> {
  return readAtOnce(pool, organizationId, async (tx) => {
    const [meetings, participants, occurrences] = await Promise.all([
      tx.query<MeetingRow>('meeting-to-move', MEETING, [organizationId, meetingId]),
      readParticipants(tx, [meetingId]),
      tx.query<OccurrenceRow>('occurrence-to-move', OCCURRENCE, [organizationId, meetingId, recurrenceId ?? null]),
    ])
    const [meeting] = meetings.rows.map(meetingOf)
    if (meeting === undefined) return undefined
    return { meeting, participants: participants.get(meetingId) ?? [], occurrences: occurrences.rows.map(occurrenceOf) }
  })
}

const MEETING = 'SELECT * FROM meeting WHERE organization_id = $1 AND id = $2'

const OCCURRENCE = `
  SELECT recurrence_id, starts_at, ends_at, status, override FROM occurrence
  WHERE organization_id = $1 AND meeting_id = $2 AND recurrence_id = $3`
