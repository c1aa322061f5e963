import type { Absence, TimeRules } from '../../domain/availability/person-rules.ts'
import type { WorkingHours } from '../../domain/people/user.ts'
import type { Instant, Interval } from '../../domain/time/instant.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import type { OrganizationTx } from '../transaction.ts'

/** All that is stored about one person's time in a window. */
export interface StoredTime {
  userId: string
  timezone: string
  weekly: WorkingHours
  rules: TimeRules
  absences: Absence[]
  /** Starts and ends in turn, epoch milliseconds. Declined meetings have no claim and so are not here; tentative ones are. */
  meetings: Float64Array
  /** The same of what is busy in connected calendars. */
  external: Float64Array
}

/** An external event is never longer. */
export const LONGEST_EXTERNAL_MS = 401 * 86_400_000

/** Of those people that the organisation has; two statements that travel together, whatever the number of people. */
export async function readStoredTime(
  tx: OrganizationTx,
  userIds: readonly string[],
  window: Interval,
): Promise<StoredTime[]> {
  const [{ rows }, held] = await Promise.all([
    tx.query<StoredTimeRow>('busy-of', BUSY, busyParameters(tx.organizationId, userIds, window)),
    tx.query<HeldRow>('busy-held', HELD, [tx.organizationId, userIds]),
  ])
  return rows.map((row) => {
    const holds = held.rows.filter(({ resource_id }) => resource_id === row.id)
    return {
      userId: row.id,
      timezone: row.timezone,
      weekly: row.working_hours,
      rules: row.time_rules,
      absences: row.absences,
      meetings: without(unpacked(row.meetings), holds),
      external: unpacked(row.external),
    }
  })
}

export function busyParameters(
  organizationId: string,
  userIds: readonly string[],
  { start, end }: Interval,
): unknown[] {
  return [organizationId, userIds, start, end, LONGEST_BLOCK_MS / 1000, LONGEST_EXTERNAL_MS / 1000]
}

/** Of one resource that holds claim, whoever holds it and whether or not it is over. */
interface HeldRow {
  resource_id: string
  starts_at: Instant
  ends_at: Instant
}

interface StoredTimeRow {
  id: string
  timezone: string
  working_hours: WorkingHours
  time_rules: TimeRules
  absences: Absence[]
  meetings: Buffer | null
  external: Buffer | null
}

// One index range per person, read from the index alone, and one value per person through the driver: rows of timestamps would cost
// ten times as much to read. Whether a claim is a meeting's or a hold's stands in the table only, hence HELD.
export const BUSY = `
  SELECT u.id, u.timezone, u.working_hours, u.time_rules, u.absences,
    (SELECT string_agg(timestamptz_send(a.starts_at) || timestamptz_send(a.ends_at), '') FROM allocation a
     WHERE a.organization_id = $1 AND a.resource_id = u.id
       AND a.starts_at < to_timestamp($4::float8 / 1000) AND a.ends_at > to_timestamp($3::float8 / 1000)
       AND a.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)) AS meetings,
    (SELECT string_agg(timestamptz_send(e.starts_at) || timestamptz_send(e.ends_at), '') FROM external_event e
     WHERE e.organization_id = $1 AND e.user_id = u.id AND e.busy
       AND e.starts_at < to_timestamp($4::float8 / 1000) AND e.ends_at > to_timestamp($3::float8 / 1000)
       AND e.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $6)) AS external
  FROM users u
  WHERE u.organization_id = $1 AND u.id = ANY ($2::uuid[])`

// There are few holds at any time: an index of its own names them.
const HELD = `
  SELECT resource_id, starts_at, ends_at FROM allocation
  WHERE organization_id = $1 AND hold_id IS NOT NULL AND resource_id = ANY ($2::uuid[])`

/** Microseconds between 1970 and 2000, where PostgreSQL counts from. */
const POSTGRES_EPOCH_US = 946_684_800_000_000
const HIGH_WORD = 2 ** 32

/** Of pairs of timestamps as PostgreSQL sends them: 8 bytes each, microseconds since 2000, big-endian. */
function unpacked(packed: Buffer | null): Float64Array {
  if (packed === null) return new Float64Array()
  const times = new Float64Array(packed.length / 8)
  for (let i = 0; i < times.length; i++) {
    const us = packed.readInt32BE(i * 8) * HIGH_WORD + packed.readUInt32BE(i * 8 + 4)
    times[i] = (us + POSTGRES_EPOCH_US) / 1000
  }
  return times
}

/** Each hold takes out one span that is exactly its own: a meeting at the same time stays. */
function without(spans: Float64Array, holds: readonly HeldRow[]): Float64Array {
  for (const { starts_at, ends_at } of holds) {
    for (let i = 0; i < spans.length; i += 2) {
      if (spans[i] !== starts_at || spans[i + 1] !== ends_at) continue
      spans.copyWithin(i, i + 2)
      spans = spans.subarray(0, spans.length - 2)
      break
    }
  }
  return spans
}
