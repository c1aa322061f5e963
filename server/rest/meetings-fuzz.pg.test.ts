import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { watchRefusals } from '../../testkit/refused.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'
const SEED = 20_261_124

let office: BookingOffice
let judge: Awaited<ReturnType<typeof watchRefusals>>
beforeAll(async () => {
  office = await openBookingOffice()
  judge = await watchRefusals(office)
})
afterAll(() => office[Symbol.asyncDispose]())

const HOSTILE_RULES = [
  'FREQ=HOURLY;INTERVAL=2;BYHOUR=1',
  'FREQ=DAILY;INTERVAL=-1',
  'FREQ=SECONDLY;COUNT=1000000',
  'FREQ=DAILY;BYYEARDAY=366;BYMONTH=1',
  'FREQ=DAILY;BYHOUR=25',
  'FREQ=MONTHLY;BYMONTHDAY=99',
  'FREQ=DAILY;COUNT=5;UNTIL=20271231T000000Z',
  'COUNT=5',
  '',
  ';',
  'FREQ',
  'FREQ=',
  'FREQ=DAILY;FREQ=DAILY',
  'FREQ=DAILY;COUNT=0',
  'FREQ=DAILY;COUNT=1001',
  'FREQ=DAILY;COUNT=1e3',
  'FREQ=DAILY;INTERVAL=0',
  'FREQ=DAILY;INTERVAL=1000',
  'FREQ=DAILY;INTERVAL=99999999999999999999',
  'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
  'FREQ=YEARLY;BYWEEKNO=54',
  'FREQ=YEARLY;BYYEARDAY=0',
  'FREQ=DAILY;BYSECOND=0',
  'FREQ=DAILY;BYSETPOS=1',
  'FREQ=DAILY;BYEASTER=1',
  'FREQ=DAILY;UNTIL=20261124',
  'FREQ=DAILY;UNTIL=99991231T000000Z',
  'FREQ=DAILY;UNTIL=20200101T000000Z',
  'FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7;BYMINUTE=0,1,2,3',
  'freq=daily',
  'FREQ=DAILY\r\nEXDATE:20261124T100000',
  `FREQ=DAILY;BYMONTH=${'1,'.repeat(400)}1`,
  'FREQ=DAILY;BYDAY=1MO',
  'FREQ=WEEKLY;BYDAY=XX',
  'FREQ=DAILY;X-FOO=1',
  'FREQ=DAILY;TZID=Europe/Berlin',
  'RRULE:RRULE:FREQ=DAILY',
  'FREQ=DAILY;WKST=99',
  'FREQ=MONTHLY;BYDAY=6TU',
  "FREQ=DAILY';--",
]

test('a hostile rule is refused by the part that is wrong, in time', async () => {
  for (const rrule of HOSTILE_RULES) {
    const begun = performance.now()
    const answer = await office.book({ recurrencePattern: { rrule } })
    expect(performance.now() - begun, rrule).toBeLessThan(1_000)
    await judge.refused(answer, 'invalid_recurrence', rrule)
    expect(answer.body.errors[0].part, rrule).toMatch(/./)
  }
})

describe(`fuzzed with seed ${SEED}`, () => {
  const numbers = fc.oneof(fc.integer({ min: -1, max: 400 }), fc.constantFrom(999, 1e9, NaN, -Infinity))
  const value = fc.oneof(
    numbers.map(String),
    fc.array(numbers, { maxLength: 4 }).map((list) => list.join(',')),
    fc.constantFrom('MO', '-1FR', '5TU,SU', 'MO,TU,WE,TH,FR', '20271231T235959Z', '', 'x'),
  )
  const part = fc.tuple(
    fc.constantFrom(
      'INTERVAL',
      'COUNT',
      'UNTIL',
      'WKST',
      'BYMONTH',
      'BYWEEKNO',
      'BYYEARDAY',
      'BYMONTHDAY',
      'BYDAY',
      'BYHOUR',
      'BYMINUTE',
      'BYSETPOS',
    ),
    value,
  )
  const rule = fc
    .tuple(fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY', 'HOURLY'), fc.array(part, { maxLength: 4 }))
    .map(([freq, parts]) => [`FREQ=${freq}`, ...parts.map(([name, given]) => `${name}=${given}`)].join(';'))

  test('300 rules: each is booked or refused by a part, never slowly', async () => {
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(rule, async (rrule) => {
        const begun = performance.now()
        const answer = await office.book({ recurrencePattern: { rrule } })
        expect(performance.now() - begun, rrule).toBeLessThan(2_000)
        if (answer.status === 201) {
          accepted++
          await judge.wrote()
        } else await judge.refused(answer, ['invalid_recurrence', 'too_large'], rrule)
      }),
      { numRuns: 300, seed: SEED },
    )
    expect(accepted).toBeGreaterThan(5)
  }, 120_000)

  const nasty = fc.oneof(
    { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 2, arbitrary: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()) },
    fc.record({ local: fc.oneof(fc.string(), fc.constantFrom('2026-11-24T10:00', '2027-03-28T02:30')) }),
    fc.record({ rrule: rule }),
    fc.array(fc.record({ email: fc.oneof(fc.emailAddress(), fc.string()) }), { maxLength: 3 }),
    fc.constantFrom<unknown>(
      [NOBODY],
      null,
      true,
      1e308,
      -0,
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'skip',
      'tentative',
      'busy_only',
    ),
  )
  const instants = fc
    .integer({ min: 0, max: 10_000 })
    .map((minutes) => new Date(Date.UTC(2026, 10, 24) + minutes * 60_000).toISOString())
  const walls = instants.map((iso) => ({ local: iso.slice(0, 16) }))
  const sound: Record<string, fc.Arbitrary<unknown>> = {
    title: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
    startTime: fc.oneof(instants, walls),
    endTime: fc.oneof(instants, walls),
    timezone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    description: fc.string({ unit: 'grapheme' }),
    participants: fc.array(fc.record({ email: fc.emailAddress() }), { maxLength: 3 }),
    roomIds: fc.constant([]),
    recurrencePattern: fc.oneof(fc.record({ rrule: rule }), fc.constant(null)),
    onConflict: fc.constantFrom('skip', 'reject'),
    status: fc.constantFrom('tentative', 'confirmed'),
    visibility: fc.constantFrom('organization', 'busy_only'),
    metadata: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
    version: nasty,
    other: nasty,
  }
  const change = fc
    .constantFrom(...Object.keys(sound))
    .chain((name) =>
      fc
        .oneof({ weight: 3, arbitrary: sound[name]! }, { weight: 1, arbitrary: nasty })
        .map((given) => [name, given] as const),
    )
  const changes = fc.array(change, { minLength: 1, maxLength: 3 }).map((list) => Object.fromEntries(list))

  test('500 bodies of POST and PUT /meetings: no answer is a 500, no refusal writes', async () => {
    const { id } = expectStatus(await office.book({ recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } }), 201).body
      .meeting
    await judge.wrote()
    const done = { booked: 0, changed: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(changes, fc.boolean(), async (body, isPut) => {
        const answer = isPut ? await office.put(id, body, undefined, { 'if-match': '*' }) : await office.book(body)
        const what = JSON.stringify({ isPut, body })
        if (answer.status < 300) {
          done[isPut ? 'changed' : 'booked']++
          await judge.wrote()
        } else {
          done.refused++
          await judge.refused(answer, undefined, what)
        }
      }),
      { numRuns: 500, seed: SEED },
    )
    for (const n of Object.values(done)) expect(n).toBeGreaterThan(20)
  }, 120_000)
})
