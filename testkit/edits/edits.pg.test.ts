import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer } from '../api.ts'
import { type BookingOffice, expectStatus, openBookingOffice } from '../booking-office.ts'
import {
  type Change,
  type Series,
  changeAll,
  changeOne,
  cutBefore,
  doRoomsClash,
  happenings,
  idOf,
  instances,
  instantOf,
  localOf,
  restFrom,
} from './model.ts'

const SEED = Number(process.env['EDITS_SEED'] ?? 20_270_328)
/** Each is 30 edits; a night of them is EDITS_RUNS=1000. */
const RUNS = Number(process.env['EDITS_RUNS'] ?? 6)
const EDITS = 30
const LIMIT_MS = Number(process.env['EDITS_LIMIT_MS'] ?? 60_000 + RUNS * 5_000)
const MS = 60_000
/** Ten in the morning, eight days before Berlin's clocks go forward. */
const FIRST = Date.UTC(2027, 2, 20, 10) / MS

let office: BookingOffice
beforeAll(async () => {
  office = await openBookingOffice()
})
afterAll(() => office[Symbol.asyncDispose]())

type Kind = 'this' | 'all' | 'following' | 'drop this' | 'drop following' | 'drop' | 'restore' | 'restore one'

/** Which series and which instance are taken modulo what there is. */
interface Edit {
  kind: Kind
  series: number
  instance: number
  what: 'title' | 'rooms' | 'start' | 'end' | 'zone' | 'rule'
  /** Minutes; also picks rooms. */
  by: number
  lasts: number
  title: string
}

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 6, arbitrary: fc.constant('this' as const) },
      { weight: 6, arbitrary: fc.constant('all' as const) },
      { weight: 3, arbitrary: fc.constant('following' as const) },
      { weight: 3, arbitrary: fc.constant('drop this' as const) },
      { weight: 2, arbitrary: fc.constant('restore one' as const) },
      { weight: 1, arbitrary: fc.constantFrom('drop following' as const, 'drop' as const) },
      { weight: 2, arbitrary: fc.constant('restore' as const) },
    ),
    series: fc.nat(9),
    instance: fc.nat(19),
    what: fc.constantFrom('title', 'rooms', 'start', 'start', 'end', 'zone', 'rule'),
    by: fc.constantFrom(-1_440, -450, -90, -30, 30, 90, 450, 1_440, 2_880),
    lasts: fc.constantFrom(15, 30, 60, 90, 180),
    title: fc.constantFrom('A', 'B', 'C'),
  }),
  { minLength: EDITS, maxLength: EDITS },
)

describe(`promise 5, seed ${SEED}`, () => {
  test(`any order of ${EDITS} edits over a series leaves on the store what the model says`, async () => {
    const seen = { done: 0, refused: 0, splits: 0 }
    const rule = fc.record({
      count: fc.constantFrom(4, 8, 12),
      isCounted: fc.boolean(),
      everyDays: fc.constantFrom(1, 2, 7),
    })
    await fc.assert(
      fc.asyncProperty(rule, edits, async (given, list) => {
        const rooms = await Promise.all([office.room(), office.room()])
        let world = [await booked(given, rooms)]
        for (const edit of list) {
          const next = await apply(world, edit, rooms)
          seen[next === world ? 'refused' : 'done']++
          if (next.length > world.length) seen.splits++
          world = next
          await compare(world, edit)
        }
        for (const series of world) await compareAnswers(series)
      }),
      // Shrinking 30 edits takes minutes: whoever needs the least case gives it a longer limit.
      { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: true },
    )
    console.log(`edits: ${JSON.stringify(seen)}`)
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS)
  }, 3_600_000)
})

async function booked(
  { count, isCounted, everyDays }: { count: number; isCounted: boolean; everyDays: number },
  rooms: readonly string[],
): Promise<Series> {
  const zone = 'Europe/Berlin'
  const until = instantOf(FIRST + (count - 1) * everyDays * 1_440, zone)
  const ending = isCounted
    ? `COUNT=${count}`
    : `UNTIL=${new Date(until).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const body = {
    title: 'A',
    startTime: { local: localOf(FIRST) },
    endTime: { local: localOf(FIRST + 60) },
    timezone: zone,
    roomIds: rooms.slice(0, 1),
    recurrencePattern: { rrule: `FREQ=DAILY;INTERVAL=${everyDays};${ending}` },
  }
  const { id } = expectStatus(await office.book(body), 201).body.meeting
  return {
    id,
    zone,
    start: FIRST,
    lastsMs: 60 * MS,
    everyDays,
    count: isCounted ? count : null,
    until: isCounted ? null : until,
    isMade: false,
    title: 'A',
    rooms: rooms.slice(0, 1),
    isCancelled: false,
    own: new Map(),
  }
}

/** Does it over HTTP and in the model; the same world when it has to be refused. */
async function apply(world: Series[], edit: Edit, rooms: readonly string[]): Promise<Series[]> {
  const series = world[edit.series % world.length] as Series
  const walls = instances(series)
  const index = edit.instance % walls.length
  const wall = walls[index] as number
  const isGone = series.own.get(wall)?.isCancelled === true
  const put = (after: Series) => world.map((one) => (one === series ? after : one))
  switch (edit.kind) {
    case 'drop this':
    case 'drop following':
    case 'drop': {
      const scope = edit.kind.slice('drop '.length)
      const query = scope === '' ? '' : `?scope=${scope}&recurrenceId=${idOf(wall)}`
      expectStatus(await office.api.call('DELETE', `/meetings/${series.id}${query}`, { token: office.token }), 204)
      if (series.isCancelled || (scope === 'this' && isGone)) return world
      if (scope === 'this') return put(withMark(series, wall, true))
      return put(scope === '' || index === 0 ? { ...series, isCancelled: true } : cutBefore(series, wall, false))
    }
    case 'restore':
      return judged(
        await call('POST', `${series.id}/restore`, {}),
        200,
        world,
        series.isCancelled ? put({ ...series, isCancelled: false }) : 409,
      )
    case 'restore one': {
      const isRight = isGone && !series.isCancelled
      const answer = await call('POST', `${series.id}/restore`, { recurrenceId: idOf(wall) })
      return judged(answer, 200, world, isRight ? put(withMark(series, wall, false)) : 409)
    }
    case 'this': {
      const { body, model } = oneChange(series, wall, edit, rooms)
      const answer = await call('PATCH', `${series.id}?scope=this&recurrenceId=${idOf(wall)}`, body)
      return judged(answer, 200, world, series.isCancelled || isGone ? 409 : put(changeOne(series, wall, model)))
    }
    case 'all':
    case 'following': {
      const isAll = edit.kind === 'all' || index === 0
      const from = isAll ? series.start : wall
      const { body, model } = change(series, from, edit, rooms)
      const query = edit.kind === 'all' ? '' : `?scope=following&recurrenceId=${idOf(wall)}`
      const answer = await call('PATCH', `${series.id}${query}`, body)
      const rest = isAll ? changeAll(series, model) : restFrom(series, wall, model)
      if (rest === undefined) return judged(answer, 200, world, 422)
      if (series.isCancelled || (!isAll && isGone)) return judged(answer, 200, world, 409)
      if (isAll) return judged(answer, 200, world, put(rest))
      return judged(answer, 201, world, [...put(cutBefore(series, wall, true)), { ...rest, id: answer.body.id }])
    }
    default:
      return edit.kind satisfies never
  }
}

const call = (method: string, path: string, body: object) =>
  office.api.call(method, `/meetings/${path}`, { token: office.token, body })

/** Refused for what stands in `expected`, or because two would want one room at one time; else done. */
function judged(answer: Answer, done: number, world: Series[], expected: Series[] | 409 | 422): Series[] {
  const isClash = typeof expected !== 'number' && doRoomsClash(expected)
  expectStatus(answer, typeof expected === 'number' ? expected : isClash ? 409 : done)
  return typeof expected === 'number' || isClash ? world : expected
}

function withMark(series: Series, wall: number, isCancelled: boolean): Series {
  const { isCancelled: _, ...own } = series.own.get(wall) ?? {}
  const all = new Map(series.own)
  if (isCancelled) all.set(wall, { ...own, isCancelled: true })
  else if (Object.keys(own).length === 0) all.delete(wall)
  else all.set(wall, own)
  return { ...series, own: all }
}

/** None, one or both. */
function pick(rooms: readonly string[], by: number): string[] {
  return by < -90 ? [] : by < 90 ? rooms.slice(0, 1) : by < 1_440 ? rooms.slice(1) : [...rooms]
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function oneChange(series: Series, wall: number, { what, by, lasts, title }: Edit, rooms: readonly string[]) {
  const start = series.own.get(wall)?.start ?? instantOf(wall, series.zone)
  switch (what) {
    case 'rooms':
      return { body: { roomIds: pick(rooms, by) }, model: { rooms: pick(rooms, by) } }
    case 'start':
    case 'zone':
      return { body: { startTime: iso(start + by * MS) }, model: { at: start + by * MS } }
    case 'end':
      return { body: { endTime: iso(start + lasts * MS) }, model: { lastsMs: lasts * MS } }
    case 'title':
    case 'rule':
      return { body: { title }, model: { title } }
    default:
      return what satisfies never
  }
}

function change(
  series: Series,
  from: number,
  { what, by, lasts, title }: Edit,
  rooms: readonly string[],
): { body: object; model: Change } {
  switch (what) {
    case 'title':
      return { body: { title }, model: { title } }
    case 'rooms':
      return { body: { roomIds: pick(rooms, by) }, model: { rooms: pick(rooms, by) } }
    case 'start':
      return { body: { startTime: { local: localOf(from + by) } }, model: { start: from + by } }
    case 'end': {
      const endTime = iso(instantOf(from, series.zone) + lasts * MS)
      return { body: { endTime }, model: { lastsMs: lasts * MS } }
    }
    case 'zone': {
      const zone = by < 0 ? 'America/New_York' : 'Europe/Berlin'
      return { body: { timezone: zone }, model: { zone } }
    }
    case 'rule': {
      const [everyDays, count] = [Math.abs(by) > 90 ? 1 : 2, Math.ceil(lasts / 15)]
      const rrule = `FREQ=DAILY;INTERVAL=${everyDays};COUNT=${count}`
      return { body: { recurrencePattern: { rrule } }, model: { rule: { everyDays, count } } }
    }
    default:
      return what satisfies never
  }
}

/** The rows themselves: what takes place, what is claimed for it, and that no room is claimed twice. */
async function compare(world: readonly Series[], edit: Edit): Promise<void> {
  const ids = world.map((series) => series.id)
  const at = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`
  const rows = (await office.query(
    `SELECT o.meeting_id AS id, o.recurrence_id AS rid, ${at('o.starts_at')} AS start, ${at('o.ends_at')} AS "end",
            (SELECT coalesce(array_agg(a.resource_id::text ORDER BY a.resource_id), '{}') FROM allocation a
             WHERE a.meeting_id = o.meeting_id AND a.recurrence_id = o.recurrence_id
               AND a.starts_at = o.starts_at AND a.ends_at = o.ends_at) AS claims
     FROM occurrence o WHERE o.meeting_id = ANY ($1) AND o.status NOT IN ('cancelled', 'conflicted')`,
    [ids],
  )) as never as { id: string; rid: string; start: number; end: number; claims: string[] }[]
  const line = (id: string, rid: string, start: number, end: number, claims: readonly string[]) =>
    `${id} ${rid} ${iso(start)} ${iso(end)} ${claims.toSorted().join()}`
  const stored = rows.map(({ id, rid, start, end, claims }) => line(id, rid, start, end, claims))
  const owner = office.owner.user.id
  const due = world.flatMap((series) =>
    happenings(series).map((one) => line(series.id, one.recurrenceId, one.start, one.end, [owner, ...one.rooms])),
  )
  expect(stored.toSorted(), JSON.stringify(edit)).toEqual(due.toSorted())
  const [claimed] = await office.query(
    `SELECT count(*)::integer AS count FROM allocation WHERE meeting_id = ANY ($1)`,
    [ids],
  )
  expect(claimed, JSON.stringify(edit)).toEqual({ count: rows.reduce((sum, row) => sum + row.claims.length, 0) })
  const overlaps = await office.query(
    `SELECT 1 FROM allocation a JOIN allocation b ON a.resource_id = b.resource_id AND a.id < b.id AND a.exclusive
       AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at WHERE a.meeting_id = ANY ($1)`,
    [ids],
  )
  expect(overlaps).toEqual([])
}

/** What a client sees of it at the end. */
async function compareAnswers(series: Series): Promise<void> {
  const path = `/meetings/${series.id}/occurrences?from=2026-12-01T00:00:00Z&to=2028-12-01T00:00:00Z`
  const { items } = expectStatus(await office.get(path), 200).body
  const shown = items.map((item: Record<string, never>) => {
    const [start, end] = [item['startTime'], item['endTime']].map((text) => Date.parse(text as never))
    return { recurrenceId: item['recurrenceId'], start, end, title: item['title'], rooms: item['roomIds'] }
  })
  expect(shown).toEqual(happenings(series))
  const { body } = await office.get(`/meetings/${series.id}`)
  expect([body.title, body.status]).toEqual([series.title, series.isCancelled ? 'cancelled' : 'confirmed'])
}
