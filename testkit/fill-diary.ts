import type pg from 'pg'
import { v7 } from 'uuid'
import { DAY_MS, HOUR_MS, type Instant } from '../domain/time/instant.ts'

export interface Diary {
  organizationId: string
  people: string[]
}

interface Wanted {
  people: number
  days: number
  /** Meetings of half an hour of each person on each day, every hour and a half from 07:00 UTC on. */
  perDay: number
  /** Midnight (UTC) of the first day. */
  from: Instant
  /** People in each meeting. */
  together?: number
  /** To whom they belong; a new organisation unless given. */
  organizationId?: string
}

/**
 * An organisation whose people are busy, written by the owner of the store without a command: rows as bookings leave them, in the order in
 * which meetings are made rather than by person, so that one person's rows lie scattered.
 */
export async function fillDiary(owner: pg.ClientBase, wanted: Wanted): Promise<Diary> {
  const { people, days, perDay, from, together = 2 } = wanted
  const organizationId = wanted.organizationId ?? (await foundOrganization(owner))
  const ids = Array.from({ length: people }, () => v7())
  const groups = Math.floor(people / together)
  await owner.query(USERS, [organizationId, ids])
  // References are right by how they are made, and an index is made faster than it is kept: millions of rows in minutes.
  await owner.query('SET session_replication_role = replica')
  const indexes = await dropIndexes(owner)
  const { rows } = await owner.query<{ id: string }>(MEETINGS, [organizationId, ids, groups, together])
  const meetings = rows.map(({ id }) => id)
  const values = [organizationId, meetings, from, perDay]
  for (let day = 0; day < days; day += DAYS_AT_ONCE) {
    const last = Math.min(day + DAYS_AT_ONCE, days) - 1
    await owner.query(OCCURRENCES, [...values, day, last, DAY_MS, HOUR_MS])
    await owner.query(ALLOCATIONS, [...values, day, last, DAY_MS, HOUR_MS, ids, together])
  }
  for (const { definition } of indexes) await owner.query(definition)
  await owner.query('RESET session_replication_role')
  // What a store that has been running has done: plans know the rows, and indexes need not be checked against them.
  await owner.query('VACUUM (ANALYZE) users, meeting, occurrence, allocation')
  return { organizationId, people: ids }
}

async function foundOrganization(owner: pg.ClientBase): Promise<string> {
  const id = v7()
  await owner.query('INSERT INTO identity.organization VALUES ($1, $2, now())', [id, `Diary ${id}`])
  return id
}

/** Those that no constraint needs. */
async function dropIndexes(owner: pg.ClientBase): Promise<{ name: string; definition: string }[]> {
  const { rows } = await owner.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
     WHERE i.indrelid IN ('occurrence'::regclass, 'allocation'::regclass)
       AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`,
  )
  for (const { name } of rows) await owner.query(`DROP INDEX ${name}`)
  return rows
}

/** Bounds what one statement keeps for its foreign keys. */
const DAYS_AT_ONCE = 10

const USERS = `
  INSERT INTO users (organization_id, id, email, first_name, last_name, role, timezone, working_hours, created_at, updated_at)
  SELECT $1, u.id, u.id || '@example.org', 'Ada', 'Diary', 'member',
         (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Europe/London'])[1 + u.n % 4],
         '{"mon":[["08:00","20:00"]],"tue":[["08:00","20:00"]],"wed":[["08:00","20:00"]],"thu":[["08:00","20:00"]],"fri":[["08:00","20:00"]]}',
         now(), now()
  FROM unnest($2::uuid[]) WITH ORDINALITY AS u (id, n)`

// One series per group of people, organised by its first.
const MEETINGS = `
  INSERT INTO meeting (organization_id, id, organizer_id, title, status, visibility, timezone, local_start, starts_at, ends_at,
                       rrule, materialised_until, tz_version, created_at, updated_at)
  SELECT $1, gen_random_uuid(), ($2::uuid[])[1 + (g - 1) * $4], 'Diary', 'confirmed', 'organization', 'UTC', '20260101T070000',
         '2026-01-01T07:00:00Z', '2026-01-01T07:30:00Z', 'FREQ=DAILY', 'infinity', 'load', now(), now()
  FROM generate_series(1, $3::integer) AS g
  RETURNING id`

const EACH = `
  FROM generate_series($5::integer, $6::integer) AS day
  CROSS JOIN generate_series(0, $4::integer - 1) AS slot
  CROSS JOIN unnest($2::uuid[]) WITH ORDINALITY AS m (id, g)
  CROSS JOIN LATERAL (
    SELECT to_timestamp(($3::float8 + day * $7::float8 + (7 + slot * 1.5 + (m.g + day) % 3 * 0.25) * $8::float8) / 1000) AS starts_at
  ) AS t`

const OCCURRENCES = `
  INSERT INTO occurrence (organization_id, meeting_id, recurrence_id, starts_at, ends_at, status)
  SELECT $1, m.id, to_char(t.starts_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS'), t.starts_at, t.starts_at + interval '30 minutes', 'confirmed'
  ${EACH}`

const ALLOCATIONS = `
  INSERT INTO allocation (organization_id, id, resource_id, resource_kind, meeting_id, recurrence_id, starts_at, ends_at,
                          blocked_from, blocked_until, exclusive)
  SELECT $1, gen_random_uuid(), ($9::uuid[])[(m.g - 1) * $10::integer + k], 'person', m.id,
         to_char(t.starts_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS'), t.starts_at, t.starts_at + interval '30 minutes',
         t.starts_at, t.starts_at + interval '30 minutes', false
  ${EACH}
  CROSS JOIN generate_series(1, $10::integer) AS k`
