import { recordParts } from '../outbox.ts'

/** The longest an occurrence with its buffers can be: bounds the index range in which its start can lie. */
export const LONGEST_BLOCK_MS = 15 * 86_400_000

/** The statements of the port in `meetings-tx.ts`. Instants go in as epoch milliseconds; every array is a column. */

const MEETING_COLUMNS = `organization_id, id, organizer_id, title, description, status, visibility, timezone, local_start,
  starts_at, ends_at, rrule, exdates, rdates, materialised_until, tz_version, room_ids, metadata, version, text_revision,
  created_at, updated_at, all_day, split_meeting_id, split_recurrence_id, ends_by_split`

const MEETING_VALUES = `$1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::float8 / 1000), to_timestamp($11::float8 / 1000),
  $12, $13, $14, to_timestamp($15::float8 / 1000), $16, $17, $18::jsonb, $19, $20, to_timestamp($21::float8 / 1000),
  to_timestamp($22::float8 / 1000), $23, $24, $25, $26`

export const LOCK_MEETING = `SELECT * FROM meeting WHERE organization_id = $1 AND id = $2 FOR UPDATE`

export const INSERT_MEETING = `INSERT INTO meeting (${MEETING_COLUMNS}) VALUES (${MEETING_VALUES})`

export const UPDATE_MEETING = `UPDATE meeting SET (${MEETING_COLUMNS}) = ROW (${MEETING_VALUES})
  WHERE organization_id = $1 AND id = $2`

export const KEEP_PARTICIPANTS = `DELETE FROM participant
  WHERE organization_id = $1 AND meeting_id = $2 AND id <> ALL ($3::uuid[])`

const PARTICIPANT_COLUMNS = 'id, user_id, email, role, response, comment, in_series'
const OCCURRENCE_COLUMNS = 'recurrence_id, starts_at, ends_at, status, override'

export const PUT_PARTICIPANTS = `
  INSERT INTO participant (organization_id, meeting_id, ${PARTICIPANT_COLUMNS})
  SELECT $1, $2, p.*
  FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[]) AS p
  ON CONFLICT (organization_id, meeting_id, id) DO UPDATE
    SET role = excluded.role, response = excluded.response, comment = excluded.comment, in_series = excluded.in_series`

export const KEEP_OCCURRENCES = `DELETE FROM occurrence
  WHERE organization_id = $1 AND meeting_id = $2 AND recurrence_id <> ALL ($3::text[])`

export const PUT_OCCURRENCES = `
  INSERT INTO occurrence (organization_id, meeting_id, ${OCCURRENCE_COLUMNS})
  SELECT $1, $2, o.id, to_timestamp(o.starts_at / 1000), to_timestamp(o.ends_at / 1000), o.status, o.override::jsonb
  FROM unnest($3::text[], $4::float8[], $5::float8[], $6::text[], $7::text[])
    AS o (id, starts_at, ends_at, status, override)
  ON CONFLICT (organization_id, meeting_id, recurrence_id) DO UPDATE
    SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, status = excluded.status, override = excluded.override`

/**
 * The one statement that allocates: in one order for every writer, so writers queue instead of deadlocking; what another
 * holds is skipped without an error, so that the conflicts can be read in this very transaction. Only the exclusion may
 * skip: the same claim twice in one meeting would be a fault of ours. Ten arrays from `$first`.
 */
const insertClaims = (first: number) => `
  INSERT INTO allocation (organization_id, meeting_id, id, resource_id, resource_kind, recurrence_id,
                          starts_at, ends_at, blocked_from, blocked_until, exclusive)
  SELECT $1, c.meeting_id, c.id, c.resource_id, c.kind, c.recurrence_id, to_timestamp(c.starts_at / 1000),
         to_timestamp(c.ends_at / 1000), to_timestamp(c.blocked_from / 1000), to_timestamp(c.blocked_until / 1000), c.exclusive
  FROM unnest($${first}::uuid[], $${first + 1}::uuid[], $${first + 2}::uuid[], $${first + 3}::text[], $${first + 4}::text[],
              $${first + 5}::float8[], $${first + 6}::float8[], $${first + 7}::float8[], $${first + 8}::float8[],
              $${first + 9}::boolean[])
    AS c (meeting_id, id, resource_id, kind, recurrence_id, starts_at, ends_at, blocked_from, blocked_until, exclusive)
  ORDER BY c.resource_id, c.blocked_from
  ON CONFLICT ON CONSTRAINT allocation_no_overlap DO NOTHING
  RETURNING id`

export const INSERT_CLAIMS = `WITH granted AS (${insertClaims(2)}) SELECT count(*)::integer AS granted FROM granted`

// Whole bookings in one message: one, or several of an organisation. Their news is recorded only when every claim was
// granted; otherwise the transaction goes on, to read what was in the way, or is given up.
export const BOOK = `
  WITH meeting_rows AS (
    INSERT INTO meeting (${MEETING_COLUMNS})
    SELECT $1, id, organizer_id, title, description, status, visibility, timezone, local_start,
      to_timestamp(starts_at / 1000), to_timestamp(ends_at / 1000), rrule, exdates::text[], rdates::text[],
      to_timestamp(materialised_until / 1000), tz_version, room_ids::uuid[], metadata::jsonb, version, text_revision,
      to_timestamp(created_at / 1000), to_timestamp(updated_at / 1000), all_day, split_meeting_id, split_recurrence_id, ends_by_split
    FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::float8[],
                $11::float8[], $12::text[], $13::text[], $14::text[], $15::float8[], $16::text[], $17::text[], $18::text[],
                $19::integer[], $20::integer[], $21::float8[], $22::float8[], $23::boolean[], $24::uuid[], $25::text[],
                $26::boolean[])
      AS m (id, organizer_id, title, description, status, visibility, timezone, local_start, starts_at, ends_at, rrule, exdates,
            rdates, materialised_until, tz_version, room_ids, metadata, version, text_revision, created_at, updated_at,
            all_day, split_meeting_id, split_recurrence_id, ends_by_split)
  ), participants AS (
    INSERT INTO participant (organization_id, meeting_id, ${PARTICIPANT_COLUMNS})
    SELECT $1, p.* FROM unnest($27::uuid[], $28::uuid[], $29::uuid[], $30::text[], $31::text[], $32::text[], $33::text[],
                               $34::boolean[]) AS p
  ), occurrences AS (
    INSERT INTO occurrence (organization_id, meeting_id, ${OCCURRENCE_COLUMNS})
    SELECT $1, o.meeting_id, o.id, to_timestamp(o.starts_at / 1000), to_timestamp(o.ends_at / 1000), o.status, o.override::jsonb
    FROM unnest($35::uuid[], $36::text[], $37::float8[], $38::float8[], $39::text[], $40::text[])
      AS o (meeting_id, id, starts_at, ends_at, status, override)
  ), granted AS (${insertClaims(41)}
  ), ${recordParts(52, '(SELECT count(*) FROM granted) = $51::bigint')}
  SELECT CASE WHEN granted.count = $51::bigint THEN pg_current_xact_id()::text END AS xid,
         CASE WHEN granted.count < $51::bigint THEN granted.ids END AS granted_ids
  FROM (SELECT count(*), array_agg(id) AS ids FROM granted) AS granted`

/**
 * Whether allocation `a` overlaps claim `c`, buffers of both included; `longest` is LONGEST_BLOCK_MS in seconds. What is said of
 * `starts_at` follows from the rest: it bounds the index range.
 */
export function isInTheWay(longest: string): string {
  return `a.starts_at < to_timestamp(c.blocked_until / 1000) + interval '1 day'
      AND a.starts_at > to_timestamp(c.blocked_from / 1000) - make_interval(secs => ${longest})
      AND a.blocked_from < to_timestamp(c.blocked_until / 1000) AND a.blocked_until > to_timestamp(c.blocked_from / 1000)`
}

// Asked for and not granted, with what blocks it (the first of several).
export const LOST_CLAIMS = `
  SELECT c.resource_id, c.recurrence_id, blocker.starts_at, blocker.ends_at, blocker.is_hold
  FROM unnest($3::uuid[], $4::text[], $5::float8[], $6::float8[]) AS c (resource_id, recurrence_id, blocked_from, blocked_until)
  LEFT JOIN LATERAL (
    SELECT a.starts_at, a.ends_at, a.hold_id IS NOT NULL AS is_hold FROM allocation a
    WHERE a.organization_id = $1 AND a.resource_id = c.resource_id AND a.exclusive AND a.meeting_id IS DISTINCT FROM $2
      AND ${isInTheWay('$7')}
    ORDER BY a.starts_at LIMIT 1
  ) blocker ON true
  WHERE NOT EXISTS (
    SELECT FROM allocation mine
    WHERE mine.organization_id = $1 AND mine.meeting_id = $2 AND mine.recurrence_id = c.recurrence_id
      AND mine.resource_id = c.resource_id
  )
  ORDER BY c.blocked_from, c.resource_id`

export const CLAIMS_OF = `
  SELECT id, resource_id, resource_kind, recurrence_id, starts_at, ends_at, blocked_from, blocked_until, exclusive
  FROM allocation WHERE organization_id = $1 AND meeting_id = $2`

export const RELEASE_CLAIMS = `
  DELETE FROM allocation a USING unnest($3::uuid[], $4::text[]) AS gone (resource_id, recurrence_id)
  WHERE a.organization_id = $1 AND a.meeting_id = $2 AND a.recurrence_id = gone.recurrence_id AND a.resource_id = gone.resource_id`

export const STATUS_BEFORE_CANCEL = `
  SELECT changes->'status'->>'before' AS status FROM meeting_change
  WHERE organization_id = $1 AND meeting_id = $2 AND changes->'status'->>'after' = 'cancelled'
  ORDER BY id DESC LIMIT 1`
