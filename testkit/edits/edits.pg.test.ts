import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, expectStatus, openBookingOffice } from '../booking-office.ts'
import { type Desk, apply } from './apply.ts'
import { DAY, DAY_MS, MS, dayOf, instantOf, localOf } from './clock.ts'
import { compareAnswers, compareRows, describeSeries } from './compare.ts'
import { type RuleChoice, editLists, ruleChoice } from './edits-arbitrary.ts'
import { type Series, horizonOf } from './model.ts'
import { ruleText } from './rules.ts'
import { chosenRule } from './shapes.ts'

const SEED = Number(process.env['EDITS_SEED'] ?? 20_270_328)
/** Each is 30 edits; a night of them is EDITS_RUNS=1000. */
const RUNS = Number(process.env['EDITS_RUNS'] ?? 4)
const EDITS = 30
const LIMIT_MS = Number(process.env['EDITS_LIMIT_MS'] ?? 60_000 + RUNS * 5_000)
/** Answers are read after every edit, not only at the end. */
const IS_CLOSE = process.env['EDITS_CLOSE'] === '1'
const IS_SHRUNK = process.env['EDITS_SHRINK'] === '1'
/** Ten in the morning, eight days before Berlin's clocks go forward. */
const FIRST = Date.UTC(2027, 2, 20, 10) / MS
const ZONE = 'Europe/Berlin'

let office: BookingOffice
beforeAll(async () => {
  office = await openBookingOffice()
})
afterAll(() => office[Symbol.asyncDispose]())

describe(`promise 5, seed ${SEED}`, () => {
  test(`any order of ${EDITS} edits over a meeting leaves on the store what the model says`, async () => {
    const seen = { done: 0, refused: 0, splits: 0 }
    const users = await Promise.all([office.person('member'), office.person('admin')])
    const people = [...users.map(({ id }) => id), 'guest@example.net'].toSorted()
    const first = fc.record({ rule: fc.option(ruleChoice, { freq: 8 }), allDay: fc.nat(9).map((n) => n === 0) })
    await fc.assert(
      fc.asyncProperty(first, editLists(EDITS), async (given, list) => {
        const rooms = await Promise.all([office.room(), office.room()])
        const desk: Desk = { office, users, people, rooms }
        let world = [await booked(given, rooms)]
        for (const edit of list) {
          const say = () => `${JSON.stringify(edit)} on ${world.map(describeSeries).join('\n')}`
          const next = await apply(desk, world, edit).catch((error: unknown) => {
            throw new Error(say(), { cause: error })
          })
          seen[next === world ? 'refused' : 'done']++
          if (next.length > world.length) seen.splits++
          const said = say()
          world = next
          await compareRows(office, world, said)
          if (IS_CLOSE) for (const series of world) await compareAnswers(office, series, said)
        }
        for (const series of world) await compareAnswers(office, series, describeSeries(series))
      }),
      // Shrinking 30 edits takes minutes: whoever needs the least case gives it a longer limit too.
      {
        numRuns: RUNS,
        seed: SEED,
        endOnFailure: !IS_SHRUNK,
        interruptAfterTimeLimit: LIMIT_MS,
        markInterruptAsFailure: true,
      },
    )
    console.log(`edits: ${JSON.stringify(seen)}`)
    // A run in which everything is refused would show nothing.
    expect(seen.done).toBeGreaterThan(8 * RUNS)
    expect(seen.splits).toBeGreaterThan(RUNS / 2)
  }, 3_600_000)
})

/** A series, or a single meeting where no rule is given. */
async function booked(
  { rule: choice, allDay }: { rule: RuleChoice | null; allDay: boolean },
  rooms: readonly string[],
): Promise<Series> {
  const start = allDay ? dayOf(FIRST) : FIRST
  const lasts = allDay ? DAY : 60
  const given = choice === null ? null : chosenRule({ ...choice, shape: choice.shape % FITTING }, start, ZONE)
  const body = {
    title: 'A',
    startTime: { local: localOf(start) },
    endTime: { local: localOf(start + lasts) },
    timezone: ZONE,
    allDay,
    roomIds: rooms.slice(0, 1),
    recurrencePattern: given && { rrule: ruleText(given.rule, given) },
  }
  const { id } = expectStatus(await office.book(body), 201).body.meeting
  return {
    id,
    organizer: office.owner.user.id,
    zone: ZONE,
    start,
    lastsMs: allDay ? DAY_MS : 60 * MS,
    allDay,
    rule: given?.rule ?? null,
    count: given?.count ?? null,
    until: given?.until ?? null,
    only: start,
    at: null,
    exdates: [],
    rdates: [],
    isMade: false,
    title: 'A',
    description: '',
    visibility: 'organization',
    status: 'confirmed',
    rooms: rooms.slice(0, 1),
    people: [],
    answers: new Map(),
    isCancelled: false,
    horizon: given === null ? Infinity : horizonOf(instantOf(start, ZONE)),
    own: new Map(),
  }
}

/** Of the shapes, the first that fit any start. */
const FITTING = 4
