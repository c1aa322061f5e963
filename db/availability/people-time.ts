import type { Pool } from 'pg'
import { type Bits, type Grid, fillSpan, gridOver } from '../../domain/availability/bitmap.ts'
import type { TimeRules } from '../../domain/availability/person-rules.ts'
import { REACH_MS, blockedBits } from '../../domain/availability/person-time.ts'
import { type TimePiece, monthGrid, monthSpan, monthsIn } from '../../domain/availability/time-pieces.ts'
import { workBits } from '../../domain/availability/work-time.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Instant, type Interval, plus } from '../../domain/time/instant.ts'
import { type Zone, zoneOrUtc } from '../../domain/time/zone.ts'
import { type OrganizationTx, readAtOnce, readOnly } from '../transaction.ts'
import { type StoredTime, readStoredTime } from './busy.ts'
import { type KeptMonth, KeptTime } from './kept-time.ts'

/** The time of several people over one window, on one raster of minutes. */
export interface PeopleTime {
  grid: Grid
  /** In the order asked for; who is not of this organisation is left out. */
  people: PersonTime[]
  /** How current the calendars are that these people have connected elsewhere. Meetings are as of this reading. */
  calendars: CalendarFreshness[]
}

export interface PersonTime {
  userId: string
  timezone: string
  rules: TimeRules
  /** Months in order; together they cover the grid. Shared with other questions: never to be written. */
  pieces: TimePiece[]
}

export interface CalendarFreshness {
  userId: string
  /** null: nothing was read yet. */
  freshAsOf: Instant | null
}

/**
 * Reads what is kept of these people, and of the store what has changed since: their log's numbers, then the time of those whose number is
 * another. What others hold is laid over it, what the viewer holds is not. Half-way changes only make the next question read again.
 */
export async function readPeopleTime(
  pool: Pool,
  { organizationId, userId: viewerId }: Pick<Actor, 'organizationId' | 'userId'>,
  userIds: readonly string[],
  window: Interval,
  now: Instant,
): Promise<PeopleTime> {
  if (userIds.length === 0) return { grid: gridOver(window), people: [], calendars: [] }
  const kept = keptOf(pool)
  const months = monthsIn(window)
  const heads = await readAtOnce(pool, organizationId, (tx) => readHeads(tx, viewerId, userIds, now))
  const isCurrent = (month: KeptMonth | undefined, i: number): month is KeptMonth =>
    month !== undefined && month.seq === heads.seqs[i] && month.holidays === holidaysOf(heads, month.rules)
  const missing: string[] = []
  const found = userIds.map((userId, i) => {
    const of = months.map((month) => kept.get(organizationId, userId, month))
    if (of.every((month) => isCurrent(month, i))) return of as KeptMonth[]
    missing.push(userId)
    return undefined
  })
  const read = new Map<string, KeptMonth[]>()
  if (missing.length > 0) {
    const seqOf = new Map(userIds.map((userId, i) => [userId, heads.seqs[i]!]))
    for (const stored of await readMissing(pool, organizationId, missing, months)) {
      const made = monthsOf(stored, months, heads, seqOf.get(stored.userId)!)
      made.forEach((month, i) => kept.set(organizationId, stored.userId, months[i]!, month))
      read.set(stored.userId, made)
    }
  }
  const held = Map.groupBy(heads.holds, ({ resource_id }) => resource_id)
  const people = userIds.flatMap((userId, i): PersonTime[] => {
    const own = found[i] ?? read.get(userId)
    const [first] = own ?? []
    if (own === undefined || first === undefined) return []
    const holds = held.get(userId) ?? []
    return [
      { userId, timezone: first.timezone, rules: first.rules, pieces: own.map(({ piece }) => heldOver(piece, holds)) },
    ]
  })
  return { grid: gridOver(window), people, calendars: heads.calendars }
}

const caches = new WeakMap<Pool, KeptTime>()

/** One per store and process. */
function keptOf(pool: Pool): KeptTime {
  let kept = caches.get(pool)
  if (kept === undefined) caches.set(pool, (kept = new KeptTime()))
  return kept
}

interface Heads {
  /** By the order of the people asked for. */
  seqs: number[]
  holds: HoldRow[]
  /** Days of each holiday calendar, joined by commas. */
  holidays: Map<string, string>
  calendars: CalendarFreshness[]
}

interface HoldRow {
  resource_id: string
  starts_at: Instant
  ends_at: Instant
}

async function readHeads(
  tx: OrganizationTx,
  viewerId: string,
  userIds: readonly string[],
  now: Instant,
): Promise<Heads> {
  const { organizationId } = tx
  const [heads, holds, holidays, calendars] = await Promise.all([
    tx.query<{ seqs: string | null }>('time-heads', HEADS, [organizationId, userIds]),
    tx.query<HoldRow>('time-holds', HOLDS, [organizationId, userIds, viewerId, now]),
    tx.query<{ calendar: string; days: string }>('time-holidays', HOLIDAYS, [organizationId]),
    tx.query<{ user_id: string; fresh_as_of: Instant | null }>('time-calendars', CALENDARS, [organizationId, userIds]),
  ])
  return {
    seqs: (heads.rows[0]?.seqs ?? '').split(',').map(Number),
    holds: holds.rows,
    holidays: new Map(holidays.rows.map(({ calendar, days }) => [calendar, days])),
    calendars: calendars.rows.map(({ user_id, fresh_as_of }) => ({ userId: user_id, freshAsOf: fresh_as_of })),
  }
}

// Made before the join: behind row-level security nothing but a plain comparison is looked up in an index.
const HEADS = `
  SELECT string_agg(coalesce(h.seq, 0)::text, ',' ORDER BY p.n) AS seqs
  FROM (SELECT n, 'person:' || id AS topic FROM unnest($2::uuid[]) WITH ORDINALITY AS p (id, n) OFFSET 0) AS p
  LEFT JOIN topic_head h ON h.organization_id = $1 AND h.topic = p.topic`

const HOLDS = `
  SELECT a.resource_id, a.starts_at, a.ends_at
  FROM hold h JOIN allocation a ON a.organization_id = $1 AND a.hold_id = h.id
  WHERE h.organization_id = $1 AND h.user_id <> $3 AND h.expires_at > to_timestamp($4::float8 / 1000)
    AND a.resource_id = ANY ($2::uuid[])`

const HOLIDAYS = `
  SELECT calendar, string_agg(to_char(day, 'YYYY-MM-DD'), ',' ORDER BY day) AS days
  FROM holiday WHERE organization_id = $1 GROUP BY calendar`

const CALENDARS = `
  SELECT user_id, fresh_as_of FROM calendar_integration
  WHERE organization_id = $1 AND user_id = ANY ($2::uuid[]) ORDER BY user_id, id`

function readMissing(
  pool: Pool,
  organizationId: string,
  userIds: readonly string[],
  months: readonly number[],
): Promise<StoredTime[]> {
  const window = {
    start: plus(monthSpan(months[0]!).start, -REACH_MS),
    end: plus(monthSpan(months.at(-1)!).end, REACH_MS),
  }
  return readOnly(pool, organizationId, (tx) => tx.last(() => readStoredTime(tx, userIds, window)))
}

function holidaysOf({ holidays }: Heads, { holidays: calendar }: TimeRules): string {
  return calendar === undefined ? '' : (holidays.get(calendar) ?? '')
}

function monthsOf(stored: StoredTime, months: readonly number[], heads: Heads, seq: number): KeptMonth[] {
  const { timezone, rules } = stored
  const zone = zoneOrUtc(timezone)
  const holidays = holidaysOf(heads, rules)
  return months.map((month) => {
    const grid = monthGrid(month)
    const blocked = blockedBits(grid, { ...stored, zone })
    return { seq, holidays, timezone, rules, piece: { grid, working: working(stored, zone, holidays, month), blocked } }
  })
}

/** Hours are alike in most of an organisation, so few of these serve many; bounded by emptying it. */
const MAX_SCHEDULES = 512
const schedules = new Map<string, Bits>()

function working(
  { timezone, weekly, rules: { dates } }: StoredTime,
  zone: Zone,
  holidays: string,
  month: number,
): Bits {
  const key = `${timezone} ${month} ${holidays} ${JSON.stringify([weekly, dates])}`
  const known = schedules.get(key)
  if (known !== undefined) return known
  if (schedules.size >= MAX_SCHEDULES) schedules.clear()
  const days = holidays === '' ? undefined : new Set(holidays.split(','))
  const bits = workBits(monthGrid(month), { zone, weekly, dates, holidays: days })
  schedules.set(key, bits)
  return bits
}

function heldOver(piece: TimePiece, holds: readonly HoldRow[]): TimePiece {
  if (holds.length === 0) return piece
  const blocked = piece.blocked.slice()
  for (const { starts_at, ends_at } of holds) fillSpan(blocked, piece.grid, starts_at, ends_at)
  return { ...piece, blocked }
}
