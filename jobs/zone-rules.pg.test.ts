import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, expectStatus, openBookingOffice } from '../testkit/booking-office.ts'
import type { SingleJob } from './job.ts'
import { zoneRulesJob } from './zone-rules.ts'

let office: BookingOffice
let job: SingleJob
let organizationId: string
beforeAll(async () => {
  office = await openBookingOffice()
  job = zoneRulesJob({ ...office.api.deps, pool: office.api.database.app })
  organizationId = (await office.query('SELECT organization_id AS id FROM users LIMIT 1'))[0]?.['id'] ?? ''
})
afterAll(() => office[Symbol.asyncDispose]())

const WEEKLY = { recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=4' } }

/** As zone data would have left it that had Berlin an hour further east from December on. */
async function asOlderZoneData(id: string): Promise<void> {
  const hour = `interval '1 hour'`
  const from = `starts_at > '2026-12-01'`
  for (const table of ['occurrence', 'allocation']) {
    const blocked =
      table === 'allocation' ? `, blocked_from = blocked_from - ${hour}, blocked_until = blocked_until - ${hour}` : ''
    await office.query(
      `UPDATE ${table} SET starts_at = starts_at - ${hour}, ends_at = ends_at - ${hour}${blocked} WHERE meeting_id = $1 AND ${from}`,
      [id],
    )
  }
  await office.query(`UPDATE meeting SET tz_version = '2020a' WHERE id = $1`, [id])
}

async function run(subject: string): Promise<void> {
  const now = office.api.clock.now
  await job.run({ organizationId, subject, dueAt: now, now, attempt: 1, signal: new AbortController().signal })
}

async function occurrences(id: string): Promise<string[]> {
  const { items } = expectStatus(await office.get(`/meetings/${id}/occurrences`), 200).body
  return items.map((item: { startTime: string; status: string }) => `${item.startTime} ${item.status}`)
}

describe('the rules of a zone change', () => {
  test('what is to come is resolved anew with its room, and people hear of it; what was moved by itself stays', async () => {
    const room = await office.room()
    const { id } = expectStatus(await office.book({ ...WEEKLY, roomIds: [room] }), 201).body.meeting
    const moved = { token: office.token, body: { startTime: '2026-12-15T15:00:00Z' } }
    expectStatus(await office.api.call('PATCH', `/meetings/${id}?scope=this&recurrenceId=20261215T100000`, moved), 200)
    await asOlderZoneData(id)
    await office.query(
      `UPDATE occurrence SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour'
       WHERE meeting_id = $1 AND recurrence_id = '20261215T100000'`,
      [id],
    )
    expect((await occurrences(id))[1]).toBe('2026-12-01T08:00:00Z confirmed')
    expect(await job.sweep?.(office.api.clock.now)).toEqual([
      { organizationId, subject: id, dueAt: office.api.clock.now },
    ])
    await run(id)
    const due = ['2026-11-24T09', '2026-12-01T09', '2026-12-08T09', '2026-12-15T15'].map(
      (at) => `${at}:00:00Z confirmed`,
    )
    expect(await occurrences(id)).toEqual(due)
    const { items } = (await office.get(`/rooms/${room}/schedule`)).body
    expect(items.slice(0, 3).map((item: { start: string }) => `${item.start} confirmed`)).toEqual(due.slice(0, 3))
    expect((await office.news(`meeting:${id}`)).at(-1)).toMatchObject({ type: 'meeting.updated', data: { version: 3 } })
    expect((await office.news(`person:${office.owner.user.id}`)).at(-1)).toMatchObject({ data: { conflicted: [] } })
    // Once more changes nothing.
    await run(id)
    expect((await office.get(`/meetings/${id}`)).body.version).toBe(3)
    expect(await job.sweep?.(office.api.clock.now)).toEqual([])
  })

  test('a room that is taken there leaves the occurrence conflicted, and its organizer is told', async () => {
    const room = await office.room()
    const { id } = expectStatus(await office.book({ ...WEEKLY, roomIds: [room] }), 201).body.meeting
    await asOlderZoneData(id)
    const beside = { startTime: '2026-12-08T09:15:00Z', endTime: '2026-12-08T09:45:00Z', roomIds: [room] }
    expectStatus(await office.book(beside), 201)
    await run(id)
    expect(await occurrences(id)).toEqual([
      '2026-11-24T09:00:00Z confirmed',
      '2026-12-01T09:00:00Z confirmed',
      '2026-12-08T09:00:00Z conflicted',
      '2026-12-15T09:00:00Z confirmed',
    ])
    expect((await office.news(`person:${office.owner.user.id}`)).at(-1)?.data).toMatchObject({
      conflicted: ['20261208T100000'],
    })
    expect(
      await office.query(`SELECT kind, channel FROM message WHERE meeting_id = $1 AND channel = 'email'`, [id]),
    ).toEqual([{ kind: 'conflict', channel: 'email' }])
  })

  test('older zone data never undoes what newer data did', async () => {
    const { id } = expectStatus(await office.book(WEEKLY), 201).body.meeting
    await asOlderZoneData(id)
    await office.query(`UPDATE meeting SET tz_version = 'z' WHERE id = $1`, [id])
    await run(id)
    expect((await occurrences(id))[1]).toBe('2026-12-01T08:00:00Z confirmed')
  })
})
