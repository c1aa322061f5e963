import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { watchRefusals } from '../../testkit/refused.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'

let office: BookingOffice
let judge: Awaited<ReturnType<typeof watchRefusals>>
beforeAll(async () => {
  office = await openBookingOffice()
  judge = await watchRefusals(office)
})
afterAll(() => office[Symbol.asyncDispose]())

const raw = (body: string, type = 'application/json', headers = {}) =>
  office.api.call('POST', '/meetings', { token: office.token, body, headers: { 'content-type': type, ...headers } })
const withField = (field: string, json: string) =>
  raw(JSON.stringify(MEETING).replace(/}$/, `,${JSON.stringify(field)}:${json}}`))

describe('a body', () => {
  test('that is no JSON, or not said to be, is refused', async () => {
    for (const body of ['{', '{"title":}', 'title=x', "{'title':'x'}", '[1,', 'NaN', '{"a":1}x', '\u0000']) {
      await judge.refused(await raw(body), 'malformed_body', body)
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonp',
      '',
    ]) {
      await judge.refused(await raw(JSON.stringify(MEETING), type), 'unsupported_media_type', type)
    }
    for (const body of ['[]', 'null', '5', '"x"', 'true', '', '{}', '[{}]'])
      await judge.refused(await raw(body), 'invalid_input', body)
  })

  test('of more than a mebibyte is too large, whether it says so or not; signed out one only learns that', async () => {
    const body = JSON.stringify({ ...MEETING, description: 'x'.repeat(1_048_576) })
    await judge.refused(await raw(body), 'too_large')
    await judge.refused(await raw(body, undefined, { 'content-length': String(body.length) }), 'too_large')
    const anonymous = await office.api.call('POST', '/meetings', { body })
    await judge.refused(anonymous, 'unauthenticated')
    const guest = (await office.person('guest')).token
    await judge.wrote()
    await judge.refused(await office.api.call('POST', '/meetings', { token: guest, body }), 'forbidden')
  })

  test('nested a hundred thousand levels deep is refused, in every place', async () => {
    const arrays = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const objects = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    for (const deep of [arrays, objects]) {
      await judge.refused(await raw(deep), ['invalid_input', 'malformed_body'])
      for (const field of ['metadata', 'title', 'participants', 'unknown'])
        await judge.refused(await withField(field, deep), 'invalid_input')
      await judge.refused(await withField('metadata', `{"a":${deep}}`), 'invalid_input')
    }
    await judge.refused(await raw('['.repeat(1_000_000)), 'invalid_input')
    const brackets = await withField('description', JSON.stringify('[{'.repeat(5_000)))
    expectStatus(brackets, 201)
    await judge.wrote()
  })

  test('with a field the operation does not know is refused by its name', async () => {
    for (const field of ['organizerId', 'id', 'version', '__proto__', 'constructor', 'toString', 'a/b~c', '']) {
      await judge.refused(await withField(field, '{"a":1}'), 'invalid_input', field)
    }
    const { body } = await withField('a/b~c', '1')
    expect(body.errors).toEqual([{ pointer: '/a~1b~0c', detail: 'is not known here' }])
    await judge.refused(await office.book({ recurrencePattern: { rrule: 'FREQ=DAILY', until: 1 } }), 'invalid_input')
    await judge.refused(await office.book({ startTime: { local: '2026-11-24T10:00', zone: 'UTC' } }), 'invalid_input')
  })
})

describe('a value', () => {
  const WRONG: [field: string, json: string][] = [
    ...['', '   ', 'a\nb', 'x'.repeat(501), '\u0000', '\u007f'].map((text): [string, string] => [
      'title',
      JSON.stringify(text),
    ]),
    ...['1e999', '-0', 'null', '[]', '{}', 'true'].map((json): [string, string] => ['title', json]),
    ['description', JSON.stringify('x'.repeat(20_001))],
    ['description', '"a\\u0000b"'],
    ['title', '"\\ud800"'],
    ['title', '"\\udc00x"'],
    ['description', '"x\\uD83D"'],
    ['metadata', '{"a":{"b":["\\ud83d"]}}'],
    ['metadata', '{"\\udfff":1}'],
    ['metadata', '{"a":"\\u0000"}'],
    ['metadata', '[]'],
    ['metadata', 'null'],
    ['metadata', JSON.stringify({ a: 'x'.repeat(17_000) })],
    ['metadata', '{"a":1e999}'],
    ...['1', '"yes"', 'null', '"CONFIRMED"', '"cancelled"', '"pending"'].map((json): [string, string] => [
      'status',
      json,
    ]),
    ['visibility', '"secret"'],
    ['onConflict', '"overwrite"'],
    ['participants', '[null]'],
    ['participants', '[{"userId":"1; DROP TABLE meeting"}]'],
    ['participants', `[{"userId":"${NOBODY}"}]`],
    ['participants', '[{"email":"a@b"}]'],
    ['participants', `[{"email":"${'a'.repeat(300)}@example.org"}]`],
    ['roomIds', '"x"'],
    ['roomIds', '[5]'],
    ['roomIds', `["${NOBODY}"]`],
    ['roomIds', '["\' OR 1=1 --"]'],
    ['recurrencePattern', '"FREQ=DAILY"'],
    ['recurrencePattern', '{"rrule":null}'],
    ['recurrencePattern', `{"rrule":"FREQ=DAILY","exdates":["${'9'.repeat(15)}"]}`],
    ['recurrencePattern', '{"rrule":"FREQ=DAILY","rdates":["20261124T100000Z"]}'],
  ]
  test.each(WRONG)('that %s does not take is refused: %s', async (field, json) => {
    await judge.refused(await withField(field, json))
  })

  test('of time outside of any calendar is refused', async () => {
    const times = [
      '',
      'now',
      '2026-11-24',
      '2026-11-24T10:00',
      '2026-11-24T10:00:00',
      '2026-11-24T25:00:00Z',
      '2026-02-30T10:00:00Z',
      '2026-11-24T10:00:00+25:00',
      '2026-11-24T10:00:00-00:00',
      '2026-11-24T10:00:60Z',
      '2026-W48-2T10:00:00Z',
      '+002026-11-24T10:00:00Z',
      '0000-01-01T00:00:00Z',
      '0001-01-01T00:00:00Z',
      '1969-12-31T22:00:00Z',
      '9999-12-31T23:59:59Z',
      '1e9',
      '١٢٣٤-11-24T10:00:00Z',
    ]
    for (const time of times) {
      await judge.refused(await office.book({ startTime: time }), 'invalid_time', time)
      await judge.refused(await office.book({ endTime: time }), 'invalid_time', time)
    }
    for (const time of [
      0,
      1e308,
      -1,
      NaN,
      [],
      {},
      true,
      { local: 5 },
      { local: '' },
      { local: '2026-11-24T10:00', timezone: 'Nowhere' },
    ]) {
      await judge.refused(await office.book({ startTime: time }), ['invalid_input', 'invalid_time', 'invalid_timezone'])
    }
    for (const local of [
      '0000-01-01T00:00',
      '1969-12-31T23:00',
      '9999-12-31T23:59',
      '2026-11-24 10:00',
      '2026-02-29T10:00',
    ]) {
      await judge.refused(await office.book({ startTime: { local } }), 'invalid_time', local)
    }
    await judge.refused(await office.book({ endTime: '2027-12-29T09:00:00Z' }), 'too_large')
    await judge.refused(await office.book({ endTime: MEETING.startTime }), 'invalid_time')
  })

  test('of zone that is none is refused', async () => {
    const zones = [
      '',
      'Berlin',
      'europe/berlin',
      'EST5EDT4',
      'UTC+1',
      '+01:00',
      'PST',
      '../../etc/passwd',
      'Europe/Berlin\u0000',
      "'; --",
      'x'.repeat(65),
    ]
    for (const timezone of zones)
      await judge.refused(await office.book({ timezone }), ['invalid_timezone', 'invalid_input'], timezone)
    for (const timezone of [null, 5, {}]) await judge.refused(await office.book({ timezone }), 'invalid_input')
  })

  test('too many of anything is too large', async () => {
    const guests = (n: number) => Array.from({ length: n }, (_, i) => ({ email: `g${i}@example.org` }))
    await judge.refused(await office.book({ participants: guests(501) }), 'too_large')
    await judge.refused(await office.book({ roomIds: Array<string>(51).fill(NOBODY) }), 'too_large')
    await judge.refused(
      await office.book({
        recurrencePattern: { rrule: 'FREQ=DAILY;BYHOUR=10,11,12,13,14,15' },
        endTime: '2026-11-24T09:10:00Z',
      }),
      'too_large',
    )
    // 397 occurrences of 50 rooms and the organizer are 20,247 allocations.
    const rooms = await Promise.all(Array.from({ length: 50 }, () => office.room()))
    await judge.wrote()
    await judge.refused(
      await office.book({ roomIds: rooms, recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=397' } }),
      'too_large',
    )
    const { id } = expectStatus(await office.book({ participants: guests(500) }), 201).body.meeting
    await judge.wrote()
    const path = `/meetings/${id}/participants`
    await judge.refused(
      await office.api.call('POST', path, { token: office.token, body: { email: 'more@example.org' } }),
      'too_large',
    )
    await judge.refused(await office.put(id, { participants: guests(501), version: 1 }), 'too_large')
  })

  test('that looks like SQL or script is text like any other', async () => {
    const title = `'; DROP TABLE meeting; -- <script>alert(1)</script> \${7*7} {{7*7}} %00 \\u0000 👩‍🚀`
    const description = `</textarea><img src=x onerror=alert(1)>\r\n"'\`; SELECT pg_sleep(10)`
    const metadata = { "a'); DELETE FROM users; --": title, __proto__x: 1, note: '\\u0000 is an escape' }
    const booked = expectStatus(await office.book({ title, description, metadata }), 201)
    expect(booked.body.meeting).toMatchObject({ title, description, metadata })
    const read = await office.get(`/meetings/${booked.body.meeting.id}`)
    expect(read.body).toMatchObject({ title, description, metadata })
    expect(read.headers.get('content-type')).toBe('application/json')
    expect(read.headers.get('x-content-type-options')).toBe('nosniff')
    await judge.wrote()
  })

  test('of a header that is out of bounds is refused', async () => {
    for (const key of ['', 'x'.repeat(256)])
      await judge.refused(await office.book({}, undefined, { 'idempotency-key': key }), 'invalid_input')
    for (const tag of ['1', '"x"', '"1.1.1"', '"99999999999999999999"', "'; --"]) {
      await judge.refused(await office.book({}, undefined, { 'if-match': tag }), 'invalid_input')
    }
    for (const authorization of ['Bearer', 'Bearer ', 'Bearer x.y.z', 'Basic eDp5', `Bearer ${'x'.repeat(9_000)}`]) {
      const answer = await office.api.call('POST', '/meetings', { body: MEETING, headers: { authorization } })
      await judge.refused(answer, 'unauthenticated')
    }
  })
})
