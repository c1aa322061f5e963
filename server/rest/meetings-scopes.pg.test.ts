import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { DAILY, type Item, R, type ScopeDesk, scopeDesk } from '../../testkit/scope-desk.ts'

/** CONTRACT.md, Scopes, sentence by sentence. The clock stands before the first meeting. */

let office: BookingOffice
let desk: ScopeDesk
beforeAll(async () => {
  office = await openBookingOffice()
  desk = scopeDesk(office)
})
afterAll(() => office[Symbol.asyncDispose]())

describe('scope this', () => {
  test('overrides one occurrence, which keeps its recurrence id when it moves, with its room', async () => {
    const room = await office.room()
    const id = await desk.series({ roomIds: [room] })
    const moved = await desk.patch(id, { startTime: '2026-11-25T12:00:00Z', title: 'Moved' }, 'this', R[1])
    expect(moved).toMatchObject({
      status: 200,
      body: { id, recurrenceId: R[1], title: 'Moved', isException: true, endTime: '2026-11-25T13:00:00Z', version: 2 },
    })
    expect(moved.headers.get('etag')).toBe('"2.1"')
    expect(await desk.look(id)).toEqual([
      '24: 24 09:00-10:00',
      '25: 25 12:00-13:00 Moved',
      '26: 26 09:00-10:00',
      '27: 27 09:00-10:00',
      '28: 28 09:00-10:00',
    ])
    expect(await desk.taken(room)).toEqual(['24 09:00', '25 12:00', '26 09:00', '27 09:00', '28 09:00'])
    expect((await office.get(`/meetings/${id}`)).body).toMatchObject({ title: 'Planning', version: 2 })
    const agenda = (await office.news(`person:${office.owner.user.id}`)).at(-1)?.data as never as { entries: Item[] }
    expect(agenda.entries.map((entry) => entry.title)).toEqual([
      'Planning',
      'Moved',
      'Planning',
      'Planning',
      'Planning',
    ])
  })

  test('takes rooms, people, visibility, status, description and metadata of its own', async () => {
    const [room, other] = [await office.room(), await office.room({ capacity: 2 })]
    const ana = await office.person('member')
    const id = await desk.series({ roomIds: [room] })
    const own = {
      roomIds: [other],
      participants: [{ userId: ana.id, role: 'chair' }],
      visibility: 'participants',
      status: 'tentative',
      description: 'Only here',
      metadata: { a: 1 },
    }
    const changed = expectStatus(await desk.patch(id, own, 'this', R[2]), 200)
    expect(changed.body).toMatchObject({ ...own, room: { id: other } })
    expect(await desk.taken(room)).toEqual(['24 09:00', '25 09:00', '27 09:00', '28 09:00'])
    expect(await desk.taken(other)).toEqual(['26 09:00'])
    expect((await office.get(`/meetings/${id}`)).body).toMatchObject({ participants: [], roomIds: [room] })
    // Whom one occurrence invites has that one in his agenda and no other.
    expect((await office.news(`person:${ana.id}`)).at(-1)).toMatchObject({
      type: 'participant.invited',
      data: { entries: [{ recurrenceId: R[2] }] },
    })
    const guest = (await office.person('auditor')).token
    const seen = (await office.get(`/meetings?roomId=${other}`, guest)).body.items
    expect(seen).toEqual([])
    const listed = (await office.get(`/meetings?participantId=${ana.id}`)).body.items as Item[]
    expect(listed.filter((item) => item.id === id).map((o) => o.recurrenceId)).toEqual([R[2]])
    const small = await desk.patch(
      id,
      { participants: ['a', 'b', 'c'].map((x) => ({ email: `${x}@example.org` })) },
      'this',
      R[2],
    )
    expect(small).toMatchObject({ status: 409, body: { code: 'capacity' } })
    const invited = await office.api.call('POST', `/meetings/${id}/participants`, {
      token: office.token,
      body: { email: 'g@example.org', recurrenceId: R[3] },
    })
    expect(invited).toMatchObject({
      status: 201,
      body: { recurrenceId: R[3], participants: [{ email: 'g@example.org' }] },
    })
  })

  test('answers in the contract’s order, and refuses what belongs to the series', async () => {
    const id = await desk.series()
    const room = await office.room()
    await office.book({ roomIds: [room] })
    expect((await desk.patch(id, { title: 'X' }, 'this', '20261124T110000')).status).toBe(404)
    expect((await desk.patch(id, { title: 'X' }, 'this')).status).toBe(422)
    expect((await desk.patch(id, { title: 'X' }, 'all', R[0])).status).toBe(422)
    const wrong = [
      { recurrencePattern: null },
      { timezone: 'Asia/Tokyo' },
      { allDay: true },
      { endTime: '2026-11-24T08:00:00Z' },
    ]
    for (const body of wrong) expect((await desk.patch(id, body, 'this', R[0])).status).toBe(422)
    expect((await desk.patch(id, { roomIds: [room] }, 'this', R[0], { 'if-match': '"7"' })).status).toBe(412)
    const conflict = await desk.patch(id, { roomIds: [room] }, 'this', R[0])
    expect(conflict).toMatchObject({
      status: 409,
      body: { code: 'slot_conflict', conflicts: [{ recurrenceId: R[0] }] },
    })
    expect(conflict.body.suggestions.length).toBeGreaterThan(0)
    expect((await office.get(`/meetings/${id}`)).body.version).toBe(1)
  })

  test('reaches beyond what is materialised', async () => {
    const id = await desk.series({ recurrencePattern: { rrule: 'FREQ=WEEKLY' } })
    const far = '20321123T100000'
    const [first] = expectStatus(await desk.patch(id, { title: 'Far' }, 'this', far), 200).body.recurrenceId
    expect(first).toBe('2')
    expect(await desk.look(id, '?from=2032-01-01T00:00:00Z&to=2033-01-01T00:00:00Z')).toEqual([
      '23: 23 09:00-10:00 Far',
    ])
    expect((await desk.drop(id, 'this', '20321130T100000')).status).toBe(204)
  })

  test('DELETE cancels it for the life of the meeting: only restore brings it back', async () => {
    const room = await office.room()
    const id = await desk.series({ roomIds: [room] })
    expect((await desk.drop(id, 'this', R[1])).status).toBe(204)
    expect((await desk.drop(id, 'this', R[1])).status).toBe(204)
    expect(await desk.patch(id, { title: 'X' }, 'this', R[1])).toMatchObject({
      status: 409,
      body: { code: 'illegal_transition' },
    })
    expect(await desk.taken(room)).not.toContain('25 09:00')
    expectStatus(await desk.patch(id, { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } }), 200)
    expectStatus(await desk.patch(id, { roomIds: [] }), 200)
    expectStatus(await desk.patch(id, { roomIds: [room], status: 'tentative' }), 200)
    expect(await desk.look(id)).toEqual(['24: 24 09:00-10:00', '26: 26 09:00-10:00'])
    const blocker = expectStatus(
      await office.book({ roomIds: [room], startTime: '2026-11-25T09:30:00Z', endTime: '2026-11-25T11:00:00Z' }),
      201,
    )
    const refused = await desk.restore(id, { recurrenceId: R[1] })
    expect(refused).toMatchObject({ status: 409, body: { code: 'slot_conflict', conflicts: [{ recurrenceId: R[1] }] } })
    expect(refused.body.suggestions.length).toBeGreaterThan(0)
    await desk.drop(blocker.body.meeting.id)
    expect(await desk.restore(id, { recurrenceId: R[1] })).toMatchObject({
      status: 200,
      body: { recurrenceId: R[1], status: 'tentative' },
    })
    expect(await desk.restore(id, { recurrenceId: R[1] })).toMatchObject({
      status: 409,
      body: { code: 'illegal_transition' },
    })
    expect(await desk.restore(id, { recurrenceId: '20301125T100000' })).toMatchObject({ status: 404 })
    expect(await desk.taken(room)).toEqual(['24 09:00', '25 09:00', '26 09:00'])
  })
})

describe('scope all', () => {
  test('sets a property on every override that does not override that property itself', async () => {
    const id = await desk.series()
    await desk.patch(id, { title: 'Own' }, 'this', R[1])
    await desk.patch(id, { startTime: '2026-11-26T12:00:00Z' }, 'this', R[2])
    expectStatus(await desk.patch(id, { title: 'New', description: 'For all' }), 200)
    expect(await desk.look(id)).toEqual([
      '24: 24 09:00-10:00 New',
      '25: 25 09:00-10:00 Own',
      '26: 26 12:00-13:00 New',
      '27: 27 09:00-10:00 New',
      '28: 28 09:00-10:00 New',
    ])
    const descriptions = (await desk.occurrences(id)).map((one) => one.description)
    expect(new Set(descriptions)).toEqual(new Set(['For all']))
  })

  test('with a new start shifts recurrence ids; a moved one keeps its time, one with its own end its length', async () => {
    const id = await desk.series()
    await desk.drop(id, 'this', R[0])
    await desk.patch(id, { startTime: '2026-11-25T12:00:00Z' }, 'this', R[1])
    await desk.patch(id, { endTime: '2026-11-26T09:15:00Z' }, 'this', R[2])
    await desk.patch(id, { title: 'Own' }, 'this', R[3])
    const moved = expectStatus(await desk.patch(id, { startTime: { local: '2026-11-24T11:30' } }), 200)
    expect(moved.body.warnings).toBeUndefined()
    expect(await desk.look(id)).toEqual([
      '25: 25 12:00-13:00',
      '26: 26 10:30-10:45',
      '27: 27 10:30-11:30 Own',
      '28: 28 10:30-11:30',
    ])
    expect((await desk.occurrences(id, '?status=cancelled')).map((one) => one.recurrenceId)).toEqual([
      '20261124T113000',
    ])
    expect((await desk.patch(id, { title: 'X' }, 'this', R[1])).status).toBe(404)
    expectStatus(await desk.patch(id, { timezone: 'America/New_York' }), 200)
    expect((await desk.look(id))[0]).toBe('25: 25 12:00-13:00')
    expect((await desk.look(id))[3]).toBe('28: 28 16:30-17:30')
  })

  test('with a new rule keeps the overrides it still yields and names the others in warnings', async () => {
    const id = await desk.series()
    await desk.patch(id, { title: 'Kept' }, 'this', R[2])
    await desk.patch(id, { title: 'Lost' }, 'this', R[1])
    await desk.drop(id, 'this', R[3])
    const changed = expectStatus(
      await desk.patch(id, { recurrencePattern: { rrule: 'FREQ=DAILY;INTERVAL=2;COUNT=3' } }),
      200,
    )
    expect(changed.body.warnings).toEqual([expect.stringContaining(R[1]), expect.stringContaining(R[3])])
    expect(await desk.look(id)).toEqual(['24: 24 09:00-10:00', '26: 26 09:00-10:00 Kept', '28: 28 09:00-10:00'])
    expectStatus(await desk.patch(id, { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' } }), 200)
    expect(await desk.look(id)).toEqual([
      '24: 24 09:00-10:00',
      '25: 25 09:00-10:00',
      '26: 26 09:00-10:00 Kept',
      '28: 28 09:00-10:00',
    ])
  })

  test('exdates and rdates absent are unchanged, and cancelled occurrences are no exdates', async () => {
    const rule = { rrule: 'FREQ=DAILY;COUNT=3' }
    const id = await desk.series({ recurrencePattern: { ...rule, exdates: [R[1]], rdates: [R[4]] } })
    await desk.drop(id, 'this', R[2])
    expectStatus(await desk.patch(id, { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=4' } }), 200)
    expect(await desk.look(id)).toEqual(['24: 24 09:00-10:00', '27: 27 09:00-10:00', '28: 28 09:00-10:00'])
    const changed = expectStatus(await desk.patch(id, { recurrencePattern: { ...rule, exdates: [], rdates: [] } }), 200)
    expect(changed.body.recurrencePattern).toEqual({ ...rule, exdates: [], rdates: [] })
    expect(await desk.look(id)).toEqual(['24: 24 09:00-10:00', '25: 25 09:00-10:00'])
  })

  test('a client’s UNTIL keeps its instant, an end made by a DELETE shifts and keeps its instances', async () => {
    const own = await desk.series({ recurrencePattern: { rrule: 'FREQ=DAILY;UNTIL=20261126T093000Z' } })
    expectStatus(await desk.patch(own, { startTime: { local: '2026-11-24T11:00' } }), 200)
    expect(await desk.look(own)).toHaveLength(2)
    const made = await desk.series({ recurrencePattern: { rrule: 'FREQ=DAILY' } })
    expect((await desk.drop(made, 'following', R[3])).status).toBe(204)
    expect(await desk.look(made)).toHaveLength(3)
    expectStatus(await desk.patch(made, { startTime: { local: '2026-11-24T18:00' } }), 200)
    expect(await desk.look(made)).toEqual(['24: 24 17:00-18:00', '25: 25 17:00-18:00', '26: 26 17:00-18:00'])
  })

  test('makes a single meeting a series with the same id, and a series the first live occurrence as it is', async () => {
    const room = await office.room()
    const single = expectStatus(await office.book({ roomIds: [room] }), 201).body.meeting.id
    expectStatus(await desk.patch(single, DAILY), 200)
    await desk.drop(single, 'this', R[0])
    await desk.patch(single, { startTime: '2026-11-25T15:00:00Z', title: 'As it is' }, 'this', R[1])
    const kept = expectStatus(await desk.patch(single, { recurrencePattern: null }), 200).body
    expect(kept).toMatchObject({ id: single, title: 'As it is', isRecurring: false, startTime: '2026-11-25T15:00:00Z' })
    expect(await desk.occurrences(single)).toMatchObject([
      { recurrenceId: R[1], isException: false, title: 'As it is' },
    ])
    expect(await desk.taken(room)).toEqual(['25 15:00'])
    const again = expectStatus(
      await desk.patch(single, { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=2' } }),
      200,
    ).body
    expect(again.startTime).toBe('2026-11-25T15:00:00Z')
    expect(await desk.look(single)).toEqual(['25: 25 15:00-16:00 As it is', '26: 26 15:00-16:00 As it is'])
  })
})
