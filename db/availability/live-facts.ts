import type { Pool } from 'pg'
import type { Absence, TimeRules } from '../../domain/availability/person-rules.ts'
import { REACH_MS } from '../../domain/availability/person-time.ts'
import type { HeldSpan, Hours, SubjectFacts, TakenSpan } from '../../domain/availability/subject-facts.ts'
import type { WorkingHours } from '../../domain/people/user.ts'
import { type Instant, type Interval, plus } from '../../domain/time/instant.ts'
import { readFacts } from '../meetings/meetings-rows.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import { type OrganizationTx, readAtOnce } from '../transaction.ts'
import { LONGEST_EXTERNAL_MS } from './busy.ts'

export interface SubjectAsked {
  id: string
  kind: 'person' | 'room'
  /** In order, none overlapping another. */
  windows: readonly Interval[]
}

/**
 * What takes the time of these people and rooms in their windows, by id, out of one snapshot and in one message each way. Whom the
 * organisation does not have is missing. Nobody's rights are asked here: times and kinds only.
 */
export function readSubjectFacts(
  pool: Pool,
  organizationId: string,
  asked: readonly SubjectAsked[],
): Promise<Map<string, SubjectFacts>> {
  return readAtOnce(pool, organizationId, async (tx) => {
    const idsOf = (kind: SubjectAsked['kind']) => asked.filter((one) => one.kind === kind).map(({ id }) => id)
    const people = idsOf('person')
    const values = windowValues(tx, asked)
    const [claims, external, persons, holidays, calendars, { rooms }] = await Promise.all([
      tx.query<ClaimRow>('live-claims', ALL_CLAIMS, [...values, LONGEST_BLOCK_MS / 1000]),
      tx.query<ExternalRow>('live-external', EXTERNAL, [...values, LONGEST_EXTERNAL_MS / 1000]),
      tx.query<PersonRow>('live-people', PEOPLE, [organizationId, people]),
      tx.query<{ calendar: string; days: string[] }>('live-holidays', HOLIDAYS, [organizationId]),
      tx.query<CalendarRow>('live-calendars', CALENDARS, [organizationId, people]),
      readFacts(tx, idsOf('room'), [], []),
    ])
    const claimsOf = Map.groupBy(claims.rows, ({ subject_id }) => subject_id)
    const externalOf = Map.groupBy(external.rows, ({ subject_id }) => subject_id)
    const personOf = new Map(persons.rows.map((row) => [row.id, row]))
    const daysOf = new Map(holidays.rows.map(({ calendar, days }) => [calendar, days]))
    const facts = asked.flatMap(({ id, kind, windows }): SubjectFacts[] => {
      const rows = once(claimsOf.get(id) ?? [], windows)
      const elsewhere = once(externalOf.get(id) ?? [], windows)
      const spans = [
        ...rows.filter(({ holder_id }) => holder_id === null).map(takenSpan),
        ...elsewhere.map(externalSpan),
      ]
      const taken = { id, spans, holds: rows.flatMap(heldSpan) }
      const [person, room] = [personOf.get(id), rooms.get(id)]
      if (kind === 'room') return room === undefined ? [] : [{ kind, ...taken, room }]
      if (person === undefined) return []
      const { time_rules: rules, absences } = person
      const fresh = calendars.rows.filter(({ user_id }) => user_id === id).map(({ fresh_as_of }) => fresh_as_of)
      return [{ kind, ...taken, rules, absences, hours: hoursOf(person, daysOf), calendars: fresh }]
    })
    return new Map(facts.map((one) => [one.id, one]))
  })
}

export interface ChangedAsked extends SubjectAsked {
  /** What of their time may be another: claims of these meetings. */
  meetings: readonly string[]
}

/** By subject: what these meetings take of its time in its windows, all of it; for who has read the rest before. */
export async function readChangedSpans(
  pool: Pool,
  organizationId: string,
  asked: readonly ChangedAsked[],
): Promise<Map<string, TakenSpan[]>> {
  const each = asked.flatMap((one) => one.meetings.map((meetingId) => ({ ...one, meetingId })))
  const { rows } = await readAtOnce(pool, organizationId, (tx) => {
    const meetings = each.flatMap(({ meetingId, windows }) => windows.map(() => meetingId))
    const values = [...windowValues(tx, each), LONGEST_BLOCK_MS / 1000, meetings]
    return tx.query<ClaimRow>('live-claims-changed', CHANGED_CLAIMS, values)
  })
  const claimsOf = Map.groupBy(rows, ({ subject_id }) => subject_id)
  return new Map(asked.map(({ id, windows }) => [id, once(claimsOf.get(id) ?? [], windows).map(takenSpan)]))
}

/** Claims of three arrays from `$2`: a row per subject and window, widened as far as buffers and full days reach in from outside. */
function windowValues({ organizationId }: OrganizationTx, asked: readonly SubjectAsked[]): unknown[] {
  const rows = asked.flatMap(({ id, windows }) => windows.map((window) => ({ id, ...window })))
  return [
    organizationId,
    rows.map(({ id }) => id),
    rows.map(({ start }) => plus(start, -REACH_MS)),
    rows.map(({ end }) => plus(end, REACH_MS)),
  ]
}

interface ClaimRow {
  subject_id: string
  id: string
  meeting_id: string | null
  recurrence_id: string | null
  starts_at: Instant
  ends_at: Instant
  blocked_from: Instant
  blocked_until: Instant
  holder_id: string | null
  expires_at: Instant | null
  is_tentative: boolean
}

interface ExternalRow {
  subject_id: string
  id: string
  starts_at: Instant
  ends_at: Instant
  is_tentative: boolean
}

interface PersonRow {
  id: string
  timezone: string
  working_hours: WorkingHours
  time_rules: TimeRules
  absences: Absence[]
}

interface CalendarRow {
  user_id: string
  fresh_as_of: Instant | null
}

/** What reaches from one window into another was read with both. */
function once<Row extends { id: string }>(rows: Row[], windows: readonly Interval[]): Row[] {
  return windows.length === 1 ? rows : [...new Map(rows.map((row) => [row.id, row])).values()]
}

function takenSpan(row: ClaimRow): TakenSpan {
  return {
    source: 'meeting',
    start: row.starts_at,
    end: row.ends_at,
    blocked: { start: row.blocked_from, end: row.blocked_until },
    isTentative: row.is_tentative,
    meetingId: row.meeting_id,
    recurrenceId: row.recurrence_id,
  }
}

function externalSpan({ starts_at: start, ends_at: end, is_tentative }: ExternalRow): TakenSpan {
  const span = { start, end }
  return { source: 'external', ...span, blocked: span, isTentative: is_tentative, meetingId: null, recurrenceId: null }
}

function heldSpan(row: ClaimRow): HeldSpan[] {
  const { holder_id: holderId, expires_at: expiresAt } = row
  if (holderId === null || expiresAt === null) return []
  const blocked = { start: row.blocked_from, end: row.blocked_until }
  return [{ start: row.starts_at, end: row.ends_at, blocked, holderId, expiresAt }]
}

function hoursOf({ timezone, working_hours: weekly, time_rules }: PersonRow, daysOf: Map<string, string[]>): Hours {
  const { dates, holidays } = time_rules
  return { timezone, weekly, dates, holidays: holidays === undefined ? [] : (daysOf.get(holidays) ?? []) }
}

const WITHIN = (row: string) => `
  ${row}.starts_at < to_timestamp(w.until / 1000) AND ${row}.ends_at > to_timestamp(w.start / 1000)
  AND ${row}.starts_at > to_timestamp(w.start / 1000) - make_interval(secs => $5)`

/** `from`: a row of `w` and the claims `a` of its subject that are looked at, of whatever time. */
const CLAIMS = (from: string) => `
  SELECT w.id AS subject_id, a.id, a.meeting_id, a.recurrence_id, a.starts_at, a.ends_at, a.blocked_from, a.blocked_until,
    h.user_id AS holder_id, h.expires_at,
    coalesce(o.status = 'tentative', false)
      OR coalesce(o.override->'answers'->(a.resource_id::text)->>'response', own.response, '') = 'tentative' AS is_tentative
  FROM ${from}
  LEFT JOIN hold h ON h.organization_id = $1 AND h.id = a.hold_id
  LEFT JOIN occurrence o ON o.organization_id = $1 AND o.meeting_id = a.meeting_id AND o.recurrence_id = a.recurrence_id
  LEFT JOIN participant own ON own.organization_id = $1 AND own.meeting_id = a.meeting_id AND own.id = a.resource_id
  WHERE ${WITHIN('a')}`

const ALL_CLAIMS = CLAIMS(`
    unnest($2::uuid[], $3::float8[], $4::float8[]) AS w (id, start, until)
    JOIN allocation a ON a.organization_id = $1 AND a.resource_id = w.id`)

const CHANGED_CLAIMS = CLAIMS(`
    unnest($2::uuid[], $3::float8[], $4::float8[], $6::uuid[]) AS w (id, start, until, meeting_id)
    JOIN allocation a ON a.organization_id = $1 AND a.resource_id = w.id AND a.meeting_id = w.meeting_id`)

const EXTERNAL = `
  SELECT w.id AS subject_id, e.id, e.starts_at, e.ends_at, e.status = 'tentative' AS is_tentative
  FROM unnest($2::uuid[], $3::float8[], $4::float8[]) AS w (id, start, until)
  JOIN external_event e ON e.organization_id = $1 AND e.user_id = w.id AND e.busy AND ${WITHIN('e')}`

const PEOPLE = `
  SELECT id, timezone, working_hours, time_rules, absences FROM users WHERE organization_id = $1 AND id = ANY ($2::uuid[])`

const HOLIDAYS = `
  SELECT calendar, array_agg(to_char(day, 'YYYY-MM-DD') ORDER BY day) AS days
  FROM holiday WHERE organization_id = $1 GROUP BY calendar`

const CALENDARS = `
  SELECT user_id, fresh_as_of FROM calendar_integration
  WHERE organization_id = $1 AND user_id = ANY ($2::uuid[]) ORDER BY user_id, id`
