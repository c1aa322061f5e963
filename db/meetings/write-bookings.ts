import type { Ids } from '../../domain/deps.ts'
import type { Claim, Meeting } from '../../domain/meetings/meeting.ts'
import type { Entry, MeetingAggregate } from '../../domain/meetings/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { recordValues } from '../outbox.ts'
import type { OrganizationTx } from '../transaction.ts'
import { claimColumns, meetingValues, occurrenceColumns, participantColumns } from './meetings-columns.ts'
import { BOOK } from './meetings-sql.ts'

/** A new meeting, decided: everything of it that is written. */
export interface Booking {
  aggregate: MeetingAggregate
  claims: readonly Claim[]
  entry: Entry
  now: Instant
}

/**
 * Writes bookings in one statement. `all`: every claim was granted and the news is recorded. Otherwise the ids of the claims
 * that were; then no news is recorded, though all other rows are written.
 */
export async function writeBookings(
  tx: OrganizationTx,
  ids: Ids,
  bookings: readonly Booking[],
): Promise<'all' | Set<string>> {
  const { rows } = await tx.query<{ xid: string | null; granted_ids: string[] | null }>('meeting-book', BOOK, [
    tx.organizationId,
    ...meetingColumns(
      tx.organizationId,
      bookings.map((booking) => booking.aggregate.meeting),
    ),
    ...columnsOf(bookings, (booking) => booking.aggregate.participants, participantColumns),
    ...columnsOf(bookings, (booking) => booking.aggregate.occurrences, occurrenceColumns),
    ...columnsOf(bookings, (booking) => booking.claims, claimColumns),
    bookings.reduce((sum, booking) => sum + booking.claims.length, 0),
    ...recordValues(bookings.map(({ entry, now }) => ({ ...entry, now, id: ids.newId() }))),
  ])
  const xid = rows[0]?.xid ?? undefined
  if (xid === undefined) return new Set(rows[0]?.granted_ids)
  tx.transactionId = xid
  return 'all'
}

/** Columns of rows that belong to meetings: first the meeting of each. */
function columnsOf<T>(
  bookings: readonly Booking[],
  rowsOf: (booking: Booking) => readonly T[],
  columns: (rows: readonly T[]) => unknown[][],
): unknown[][] {
  const meetingIds = bookings.flatMap((booking) => rowsOf(booking).map(() => booking.aggregate.meeting.id))
  return [meetingIds, ...columns(bookings.flatMap(rowsOf))]
}

/** An array of arrays would have to be rectangular, so lists (of ids and local times, which need no quotes) travel as text. */
function meetingColumns(organizationId: string, meetings: readonly Meeting[]): unknown[][] {
  const rows = meetings.map((meeting) => meetingValues(organizationId, meeting).slice(1))
  const width = rows[0]?.length ?? 0
  return Array.from({ length: width }, (_, column) => rows.map((row) => textOfList(row[column])))
}

function textOfList(value: unknown): unknown {
  return Array.isArray(value) ? `{${value.join(',')}}` : value
}
