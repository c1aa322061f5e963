import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AvailabilityRig, type LiveNode, openAvailabilityRig } from '../../testkit/availability-rig.ts'
import { expectStatus } from '../../testkit/booking-office.ts'

let rig: AvailabilityRig
let node: LiveNode
let member: { id: string; token: string }
let ownerId: string
beforeAll(async () => {
  rig = await openAvailabilityRig()
  node = await rig.node('first')
  member = await rig.office.person('member')
  ownerId = rig.office.owner.user.id
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  await rig?.[Symbol.asyncDispose]()
})

function at(minutes: number): string {
  return new Date(Date.UTC(2026, 10, 24) + minutes * 60_000).toISOString()
}

const HOUR = 60
const span = (from: number, minutes = HOUR) => ({ start: at(from), end: at(from + minutes) })

interface Said {
  id: string
  verdict: string
  reason: string
}

const words = (verdicts: Said[]) => verdicts.map(({ verdict }) => verdict)

describe('what is dragged', () => {
  test('is judged where it is, and anew when that changes under it', async () => {
    const { office } = rig
    const roomId = await office.room()
    await using client = node.client(member.token)
    const subjects = [{ userId: ownerId }, { roomId }]
    const begun = await client.ask('drag.start', { subjects, ...span(10 * HOUR) })
    expect([begun.ok, words(begun.verdicts)]).toEqual([true, ['free', 'free']])
    const { dragId } = begun
    const early = await client.ask('drag.move', { dragId, ...span(7 * HOUR) })
    expect(early.verdicts).toMatchObject([
      { id: ownerId, kind: 'person', verdict: 'outside_hours', reason: 'Outside working hours.' },
      { id: roomId, kind: 'room', verdict: 'free' },
    ])
    await client.ask('drag.move', { dragId, ...span(12 * HOUR) })
    const times = { startTime: at(12 * HOUR), endTime: at(13 * HOUR) }
    expectStatus(await office.book({ ...times, title: 'A secret', roomIds: [roomId] }), 201)
    await expect.poll(() => client.drags.at(-1)?.dragId).toBe(dragId)
    await expect.poll(() => words((client.drags.at(-1)?.verdicts ?? []) as Said[])).toEqual(['busy', 'busy'])
    expect(JSON.stringify(client.drags)).not.toContain('secret')
    // A week on, where nothing was read yet.
    const far = await client.ask('drag.move', { dragId, ...span(10 * HOUR + 7 * 24 * HOUR) })
    expect(words(far.verdicts)).toEqual(['free', 'free'])
    expect(await client.ask('drag.end', { dragId })).toEqual({ ok: true })
    const over = await client.ask('drag.move', { dragId, ...span(10 * HOUR) })
    expect(over.problem.code).toBe('not_found')
  })

  test('is answered with what was said last when it moves too fast', async () => {
    await using client = node.client(member.token)
    const { dragId } = await client.ask('drag.start', { subjects: [{ userId: ownerId }], ...span(10 * HOUR) })
    const moves = await Promise.all(
      Array.from({ length: 20 }, (_, i) => client.ask('drag.move', { dragId, ...span(10 * HOUR + i) })),
    )
    const throttled = moves.filter((move) => move.throttled === true)
    expect(throttled.length).toBeGreaterThan(10)
    expect(moves.every((move) => move.ok && move.verdicts.length === 1)).toBe(true)
  })

  test.each([
    ['', 3 * HOUR],
    [', where nothing was read yet', 3 * HOUR + 14 * 24 * HOUR],
  ])('is judged in the end where the last of too many moves has left it%s', async (_, night) => {
    await using client = node.client(member.token)
    const { dragId } = await client.ask('drag.start', { subjects: [{ userId: ownerId }], ...span(10 * HOUR) })
    const places = [...Array.from({ length: 12 }, () => 10 * HOUR), night]
    const moves = await Promise.all(places.map((place) => client.ask('drag.move', { dragId, ...span(place) })))
    expect(moves.at(-1)).toMatchObject({ throttled: true, verdicts: [{ verdict: 'free' }] })
    await expect.poll(() => client.drags).toMatchObject([{ dragId, verdicts: [{ verdict: 'outside_hours' }] }])
  })

  test('never is in its own way, and only who may move it may say that it moves', async () => {
    const { office } = rig
    const roomId = await office.room()
    const times = { startTime: at(15 * HOUR), endTime: at(16 * HOUR) }
    const booked = expectStatus(await office.book({ ...times, roomIds: [roomId], visibility: 'participants' }), 201)
    const meetingId = booked.body.meeting.id
    await using client = node.client(office.token)
    const subjects = [{ userId: ownerId }, { roomId }]
    const stranger = await client.ask('drag.start', { subjects, ...span(15 * HOUR + 30) })
    expect(words(stranger.verdicts)).toEqual(['busy', 'busy'])
    const own = await client.ask('drag.start', { subjects, ...span(15 * HOUR + 30), meetingId })
    expect(words(own.verdicts)).toEqual(['free', 'free'])
    await using others = node.client(member.token)
    const refused = await others.ask('drag.start', { subjects, ...span(15 * HOUR + 30), meetingId })
    expect(refused.problem.code).toBe('not_found')
  })

  test('takes the seats of the meeting it is, and of who is brought to it; whoever moves it needs none', async () => {
    const { office } = rig
    const [two, three] = [await office.room({ capacity: 2 }), await office.room({ capacity: 3 })]
    const noon = { startTime: at(12 * HOUR), endTime: at(13 * HOUR) }
    const guest = await office.person('guest')
    await using client = node.client(office.token)
    const said = async (roomId: string, people: string[], meeting: object) => {
      const subjects = [...people.map((userId) => ({ userId })), { roomId }]
      const { dragId, verdicts, problem } = await client.ask('drag.start', { subjects, ...span(16 * HOUR), ...meeting })
      if (problem !== undefined) return problem.code
      await client.ask('drag.end', { dragId })
      return (verdicts as Said[]).find(({ id }) => id === roomId)!.verdict
    }
    const pair = { ...noon, roomIds: [two], participants: [{ userId: guest.id }] }
    const { meeting } = expectStatus(await office.book(pair, member.token), 201).body
    expect(await said(two, [member.id, guest.id], { meetingId: meeting.id })).toBe('free')
    expect(await said(two, [member.id, guest.id, ownerId], { meetingId: meeting.id })).toBe('rule')
    const by = { token: office.token, headers: { 'if-match': '*' } }
    const patch = (body: object, query = '') =>
      office.api.call('PATCH', `/meetings/${meeting.id}${query}`, { ...by, body })
    expectStatus(await patch({ startTime: at(16 * HOUR) }), 200)

    const guests = [{ email: 'a@example.org' }, { email: 'b@example.org' }]
    expectStatus(
      await patch({ roomIds: [], participants: guests, recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } }),
      200,
    )
    expect(await said(two, [member.id], { meetingId: meeting.id })).toBe('rule')
    expect((await patch({ roomIds: [two] })).body.code).toBe('capacity')
    expect(await said(three, [member.id], { meetingId: meeting.id })).toBe('free')

    const [first, second] = ['20261124T170000', '20261125T170000']
    expectStatus(await patch({ participants: [] }, `?scope=this&recurrenceId=${second}`), 200)
    expect(await said(two, [member.id], { meetingId: meeting.id, recurrenceId: second })).toBe('free')
    expect(await said(two, [member.id], { meetingId: meeting.id, recurrenceId: first })).toBe('rule')
  })

  test('is an occurrence that there is, of a meeting that can be changed', async () => {
    const { office } = rig
    const times = { startTime: at(3 * HOUR), endTime: at(4 * HOUR), timezone: 'UTC' }
    const series = { ...times, recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } }
    const { meeting } = expectStatus(await office.book(series), 201).body
    const by = { token: office.token, headers: { 'if-match': '*' } }
    const path = (one: string) => `/meetings/${meeting.id}?scope=this&recurrenceId=${one}`
    const [first, second] = ['20261124T030000', '20261125T030000']
    expectStatus(await office.api.call('DELETE', path(second), by), 204)
    await using client = node.client(office.token)
    const start = (recurrenceId: string) =>
      client.ask('drag.start', {
        subjects: [{ userId: ownerId }],
        ...span(3 * HOUR),
        meetingId: meeting.id,
        recurrenceId,
      })
    expect(words((await start(first)).verdicts)).toEqual(['outside_hours'])
    for (const one of ['nonsense', '20261124T030100', second]) {
      const patched = await office.api.call('PATCH', path(one), { ...by, body: { startTime: at(5 * HOUR) } })
      expect((await start(one)).problem.code, one).toBe(patched.body.code)
    }
    expectStatus(await office.api.call('DELETE', `/meetings/${meeting.id}`, by), 204)
    expect((await start(first)).problem.code).toBe('illegal_transition')
  })

  test('a socket has five at most, and none of people its owner may not know of', async () => {
    await using client = node.client(member.token)
    const start = () => client.ask('drag.start', { subjects: [{ userId: ownerId }], ...span(10 * HOUR) })
    for (let i = 0; i < 5; i++) expect((await start()).ok).toBe(true)
    expect((await start()).problem.code).toBe('too_large')
    await using guest = node.client((await rig.office.person('guest')).token)
    const refused = await guest.ask('drag.start', { subjects: [{ userId: ownerId }], ...span(10 * HOUR) })
    expect(refused.problem.code).toBe('not_found')
    const backwards = await guest.ask('drag.start', {
      subjects: [{ userId: (await rig.office.person('guest')).id }],
      start: at(9),
      end: at(8),
    })
    expect(backwards.problem.code).toBe('invalid_time')
  })
})

const SEED = 20_261_125

describe(`verdicts over rooms, seed ${SEED}`, () => {
  test('are what a booking then says', async () => {
    const { office } = rig
    const rules = {
      bufferBeforeMinutes: 10,
      bufferAfterMinutes: 5,
      maxDurationMinutes: 90,
      minNoticeMinutes: 26 * HOUR,
    }
    const rooms = [await office.room(), await office.room({ bookingRules: rules }), await office.room({ capacity: 1 })]
    await using client = node.client(office.token)
    const times = fc.record({
      room: fc.integer({ min: 0, max: 2 }),
      start: fc.integer({ min: 0, max: 24 }),
      length: fc.integer({ min: 1, max: 8 }),
      act: fc.constantFrom('book', 'book', 'hold', 'hold', 'own hold'),
    })
    const said: Record<string, number> = {}
    const verdictsSaid = new Set<string>()
    for (const { room, start, length, act } of fc.sample(times, { numRuns: 100, seed: SEED })) {
      const roomId = rooms[room] as string
      const { start: startTime, end: endTime } = span(9 * HOUR + start * 20, length * 15)
      if (act !== 'book') {
        const token = act === 'hold' ? member.token : office.token
        const body = { resourceIds: [roomId], start: startTime, end: endTime, ttlSeconds: 600 }
        await office.api.call('POST', '/holds', { token, body })
        continue
      }
      await rig.settle()
      const subjects = [{ roomId }, { userId: member.id }].slice(0, room === 2 ? 2 : 1)
      const { dragId, verdicts } = await client.ask('drag.start', { subjects, start: startTime, end: endTime })
      await client.ask('drag.end', { dragId })
      const [verdict] = words(verdicts)
      const participants = room === 2 ? [{ userId: member.id }] : []
      const { status, body } = await office.book({
        startTime,
        endTime,
        timezone: 'UTC',
        roomIds: [roomId],
        participants,
      })
      const answer = status === 201 ? 'free' : body.code === 'slot_conflict' ? body.conflicts[0].kind : 'rule'
      said[answer] = (said[answer] ?? 0) + 1
      // Where a hold and a booking are in the way, either may be named.
      const fitting = { free: ['free'], booking: ['busy'], hold: ['hold', 'busy'], rule: ['rule'] }[answer as 'free']
      expect(fitting, JSON.stringify({ room, startTime, endTime, code: body.code })).toContain(verdict)
      verdictsSaid.add(verdict!)
    }
    expect(Object.keys(said).sort()).toEqual(['booking', 'free', 'hold', 'rule'])
    expect([...verdictsSaid].sort()).toEqual(['busy', 'free', 'hold', 'rule'])
  }, 60_000)
})
