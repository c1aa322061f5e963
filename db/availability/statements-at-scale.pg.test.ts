import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Subject, previewPlan } from '../../domain/meetings/plans/commit-plan.ts'
import { refuse } from '../../domain/refusals.ts'
import { err } from '../../domain/result.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../domain/time/instant.ts'
import { uuid7 } from '../../testkit/api.ts'
import { type TestDatabase, openTestDatabase } from '../../testkit/database.ts'
import { fillDiary } from '../../testkit/fill-diary.ts'
import { type Read, type Statement, readsOf, statementsOf } from '../../testkit/query-plans.ts'
import { conflictsIn } from '../meetings/conflicts.ts'
import { createPlansStore } from '../meetings/plans.ts'
import { readOnly, transact } from '../transaction.ts'
import { overlayOf } from './queries.ts'
import { type SuggestionsWanted, suggestionsFor } from './suggestions.ts'

const NOW = instant(Date.UTC(2026, 10, 2))
/** Four of the sixteen weeks that are full. */
const WINDOW = { start: plus(NOW, 28 * DAY_MS), end: plus(NOW, 56 * DAY_MS) }
/** Smaller tables are read faster whole. */
const LARGE = ['allocation', 'occurrence', 'meeting', 'users', 'room', 'external_event', 'participant']
/** What goes on at a time may have begun so many days before: as far back as an index range has to reach (LONGEST_BLOCK_MS), and a day. */
const BACK = 17
/** So many rows of `allocation` at most, out of some thirty thousand: those of the time that was asked for, not all of a room or person. */
const MOST: Record<string, number> = {
  // 11 people with 4 meetings a day, over the months of the window with a week more.
  'busy-of': 11 * 4 * (93 + BACK),
  // 40 rooms with a booking each day; of a series to its end.
  'rooms-blocked': 40 * (56 + BACK),
  'rooms-free-per-span': 24 * 20 * BACK,
  'rooms-busy': 28 + BACK,
  'claim-blockers': 20 * BACK,
  'conflicts-in': 5 * BACK + 5 * 4 * BACK,
  // 5 people and 5 rooms.
  'entries-meetings': (5 * 4 + 5) * (28 + BACK),
}

let database: TestDatabase
let owner: pg.Client
let actor: Actor
let people: string[]
let rooms: string[]
beforeAll(async () => {
  database = await openTestDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  const others = await fillDiary(owner, { people: 300, days: 7, perDay: 1, from: NOW })
  const diary = await fillDiary(owner, { people: 60, days: 112, perDay: 4, from: NOW })
  people = diary.people
  actor = {
    ...{ organizationId: diary.organizationId, userId: people[0]! },
    role: 'admin',
    sessionId: '',
    requestId: '',
  }
  await owner.query('SET session_replication_role = replica')
  await owner.query(ROOMS, [others.organizationId, 3_000])
  const { rows } = await owner.query<{ id: string }>(ROOMS, [diary.organizationId, 150])
  rooms = rows.map(({ id }) => id)
  await owner.query(BOOKED, [diary.organizationId, rooms.slice(0, 40), NOW])
  await owner.query(EXTERNAL, [diary.organizationId, people, NOW])
  await owner.query(INVITED, [people[1]])
  await owner.query('RESET session_replication_role')
  await owner.query(`VACUUM (ANALYZE) ${LARGE.join()}`)
}, 60_000)
afterAll(async () => {
  await owner.end()
  await database[Symbol.asyncDispose]()
})

/** What the statements read, undone again. */
async function readsOfAll(statements: readonly Statement[]): Promise<NamedRead[]> {
  const reads: NamedRead[] = []
  await transact(database.app, actor, { now: NOW, onNews: () => {} }, async (tx) => {
    for (const statement of statements) {
      reads.push(...(await readsOf(tx, statement)).map((read) => ({ name: statement.name, ...read })))
    }
    return err(refuse('internal'))
  })
  return reads
}

type NamedRead = Read & { name: string }

/** Each by an index that leads to what was asked for. */
function expectNarrow(all: readonly NamedRead[]): void {
  const whole = all.filter(({ what, relation }) => LARGE.includes(relation) && what.endsWith('whole'))
  expect(whole.map(({ name, what }) => `${name}: ${what}`)).toEqual([])
  const wide = all.filter(({ name, relation, rows }) => relation === 'allocation' && rows > (MOST[name] ?? 0))
  expect(wide.map(({ name, what, rows }) => `${name}: ${rows} rows of ${what}`)).toEqual([])
  expect(all.filter(({ rows }) => rows > 0).length).toBeGreaterThan(0)
}

describe('no table is read whole', () => {
  const wanted = (more: Partial<SuggestionsWanted>): SuggestionsWanted => ({
    ...{ window: WINDOW, durationMinutes: 60, granularityMinutes: 30, required: people.slice(1, 5), limit: 10 },
    ...{ optional: people.slice(5, 7), quorums: [{ group: 0, k: 1, userIds: people.slice(7, 9) }], recurrence: null },
    ...{ rooms: { capacity: 4, equipment: [], count: 1 }, outsideWorkingHours: false },
    ...more,
  })
  const ask = (more: Partial<SuggestionsWanted>) =>
    statementsOf(async () => {
      const found = await suggestionsFor(database.app, actor, wanted(more), NOW)
      expect(found).toBeDefined()
    })

  test('for suggestions, of one meeting, of a series, and where nothing fits', async () => {
    const recurrence = { rrule: 'FREQ=WEEKLY;COUNT=8' }
    const once = await ask({})
    expect(once.map(({ name }) => name)).toEqual(expect.arrayContaining(['busy-of', 'rooms-suitable', 'rooms-blocked']))
    expectNarrow(await readsOfAll(once))
    expectNarrow(await readsOfAll(await ask({ required: people.slice(10, 14), recurrence })))
    const nothing = {
      required: people.slice(20, 26),
      durationMinutes: 720,
      rooms: { ...wanted({}).rooms!, capacity: 9 },
    }
    expectNarrow(await readsOfAll(await ask(nothing)))
  })

  test('for a preview and its repairs', async () => {
    const deps = {
      ...{ now: () => NOW, newId: () => uuid7(NOW), tzVersion: 'test' },
      ...createPlansStore({ pool: database.app, now: () => NOW, newId: () => uuid7(NOW), onNews: () => {} }),
    }
    const start = plus(WINDOW.start, 10 * HOUR_MS)
    const subject: Subject = {
      kind: 'book',
      cmd: {
        ...{
          title: 'T',
          description: '',
          status: 'confirmed',
          visibility: 'organization',
          metadata: {},
          timezone: 'UTC',
        },
        ...{ start: { instant: start }, end: { instant: plus(start, HOUR_MS) }, onConflict: 'reject' },
        ...{ recurrence: { rrule: 'FREQ=DAILY;COUNT=20' }, roomIds: [rooms[5]!] },
        participants: people.slice(1, 4).map((userId) => ({ userId })),
      },
    }
    const statements = await statementsOf(async () => {
      const planned = await previewPlan(deps, actor, subject)
      expect(planned.ok && [planned.value.verdicts.length, planned.value.suggested.size]).toEqual([20, 20])
    })
    expect(statements.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['claim-blockers', 'rooms-free-per-span', 'rooms-busy', 'plans-drop', 'plan-keep']),
    )
    expectNarrow(await readsOfAll(statements))
  })

  test('for conflicts of rooms and people', async () => {
    const start = plus(WINDOW.start, 10 * HOUR_MS)
    const asked = { roomIds: rooms.slice(0, 5), userIds: people.slice(0, 5) }
    const statements = await statementsOf(() =>
      readOnly(database.app, actor.organizationId, (tx) =>
        conflictsIn(tx, asked, { start, end: plus(start, 2 * HOUR_MS) }, { userId: actor.userId, now: NOW }),
      ),
    )
    expect(statements).toHaveLength(4)
    expectNarrow(await readsOfAll(statements))
  })

  test('for calendars side by side, with what the viewer has declined', async () => {
    const asked = { userIds: people.slice(0, 5), roomIds: rooms.slice(0, 5) }
    const statements = await statementsOf(async () => {
      const seen = await overlayOf(database.app, { ...actor, userId: people[1]! }, asked, WINDOW, NOW)
      const entries = seen.ok ? seen.value.subjects.flatMap((subject) => subject.entries) : []
      expect(entries.filter(({ busy, response }) => !busy && response === 'declined')).toHaveLength(28 * 4)
    })
    const reads = await readsOfAll(statements)
    expectNarrow(reads)
    const declined = reads.filter(({ name, relation }) => name === 'entries-declined' && relation !== 'meeting')
    const found = declined.map(({ what, rows }) => `${rows} rows of ${what}`)
    // All of his one series; of everybody in that time there are ten times as many.
    expect(found).toEqual(
      expect.arrayContaining([
        '1 rows of participant by participant_declined',
        `${112 * 4} rows of occurrence by occurrence_pkey`,
        '0 rows of occurrence by occurrence_answered',
      ]),
    )
    expect(Math.max(...declined.map(({ rows }) => rows))).toBe(112 * 4)
  })
})

const INVITED = `
  INSERT INTO participant (organization_id, meeting_id, id, user_id, role, response)
  SELECT organization_id, meeting_id, resource_id, resource_id, 'required',
         CASE WHEN resource_id = $1 THEN 'declined' ELSE 'accepted' END
  FROM (SELECT DISTINCT organization_id, meeting_id, resource_id FROM allocation WHERE resource_kind = 'person') AS invited`

const ROOMS = `
  INSERT INTO room (organization_id, id, name, capacity, created_at, updated_at)
  SELECT $1, gen_random_uuid(), 'Room ' || n, 2 + n % 12, now(), now() FROM generate_series(1, $2::integer) AS n RETURNING id`

// Every day from ten to eleven; what meeting it is does not matter to any of these statements.
const BOOKED = `
  INSERT INTO allocation (organization_id, id, resource_id, resource_kind, meeting_id, recurrence_id, starts_at, ends_at,
                          blocked_from, blocked_until, exclusive)
  SELECT $1, gen_random_uuid(), room, 'room', gen_random_uuid(), to_char(t.at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS'),
         t.at, t.at + interval '1 hour', t.at, t.at + interval '1 hour', true
  FROM generate_series(0, 111) AS day CROSS JOIN unnest($2::uuid[]) AS room
  CROSS JOIN LATERAL (SELECT to_timestamp($3::float8 / 1000) + make_interval(days => day, hours => 10) AS at) AS t`

const EXTERNAL = `
  INSERT INTO external_event (organization_id, integration_id, id, user_id, uid, recurrence_id, starts_at, ends_at, all_day, busy, status, summary)
  SELECT $1, person, gen_random_uuid(), person, 'x', to_char(t.at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS'),
         t.at, t.at + interval '1 hour', false, true, 'confirmed', ''
  FROM generate_series(0, 111) AS day CROSS JOIN unnest($2::uuid[]) AS person
  CROSS JOIN LATERAL (SELECT to_timestamp($3::float8 / 1000) + make_interval(days => day, hours => 19) AS at) AS t`
