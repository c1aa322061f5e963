import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { MINUTE_MS, SECOND_MS, plus } from '../domain/time/instant.ts'
import { formatInstant } from '../domain/time/iso.ts'
import { type BookingOffice, expectStatus, openBookingOffice } from '../testkit/booking-office.ts'
import { type MailRig, openMailRig } from '../testkit/mail-rig.ts'
import { type MailServer, openMailServer } from '../testkit/mail-server.ts'
import { R, scopeDesk } from '../testkit/scope-desk.ts'

let office: BookingOffice
let mail: MailServer
let rig: MailRig
beforeAll(async () => {
  office = await openBookingOffice()
  mail = await openMailServer()
  rig = await openMailRig(office, mail, inject('redisUrl'))
})
afterAll(async () => {
  await rig[Symbol.asyncDispose]()
  await mail[Symbol.asyncDispose]()
  await office[Symbol.asyncDispose]()
})

test('a series that goes on otherwise from one occurrence on is told as one change, and a new title as none', async () => {
  const desk = scopeDesk(office)
  const id = await desk.series({ participants: [{ email: 'guest@example.net' }] })
  expectStatus(await desk.patch(id, { title: 'Review' }, 'this', R[4]), 200)
  await told()
  expect(mail.received.splice(0).map(({ subject }) => subject)).toEqual(['Invitation: Planning (Tue 24 Nov 2026)'])
  const body = { startTime: { local: '2026-11-27T12:00' } }
  const rest = expectStatus(await desk.patch(id, body, 'following', R[3]), 201).body.id
  await told()
  const mails = mail.received.splice(0)
  expect(mails.map(({ subject }) => subject)).toEqual(['Changed: Planning (Fri 27 Nov 2026)'])
  expect(mails[0]?.text).toContain('Fri 27 Nov 2026, 12:00-13:00 (was Fri 27 Nov 2026, 10:00-11:00)\n')
  expect(mails[0]?.text).toContain('Sat 28 Nov 2026, 12:00-13:00, Review (was Sat 28 Nov 2026, 10:00-11:00)\n')
  expectStatus(await desk.patch(rest, { title: 'Other' }, 'following', '20261128T120000'), 201)
  await told()
  expect(mail.received).toEqual([])
})

test('whoever was taken off an occurrence while its reminder waited for the mail server is not reminded', async () => {
  const desk = scopeDesk(office)
  const [startTime, endTime] = [12, 42].map((minutes) => formatInstant(plus(office.api.clock.now, minutes * MINUTE_MS)))
  const person = await office.person('member')
  const id = await desk.series({ startTime, endTime, participants: [{ userId: person.id }] })
  await told()
  mail.received.length = 0
  mail.mode = 'later'
  await rig.passes(3 * MINUTE_MS)
  const [first] = await desk.occurrences(id)
  expectStatus(await desk.patch(id, { participants: [] }, 'this', first?.recurrenceId), 200)
  mail.mode = 'take'
  await told()
  await rig.passes(MINUTE_MS)
  const mails = mail.received.splice(0).map(({ to, subject }) => [to, subject.split(':')[0]])
  expect(mails).toEqual([
    [office.owner.user.email, 'Reminder'],
    [person.email, 'Changed'],
  ])
})

test('a room that one occurrence gives back is told live and by no mail, later ones included', async () => {
  const desk = scopeDesk(office)
  const room = await office.room()
  const id = await desk.series({ roomIds: [room], participants: [{ email: 'guest@example.net' }] })
  await told()
  mail.received.length = 0
  const { token } = office
  expectStatus(await office.api.call('POST', `/rooms/${room}/release`, { token, body: {} }), 200)
  expect((await desk.occurrences(id)).map((one) => (one as never as { roomIds: string[] }).roomIds.length)[0]).toBe(0)
  await told()
  expectStatus(await desk.patch(id, { title: 'Review' }), 200)
  await told()
  expect(mail.received.splice(0)).toEqual([])
  expectStatus(await desk.patch(id, { roomIds: [room] }, 'this', R[0]), 200)
  await told()
  expect(mail.received.splice(0).map(({ subject }) => subject)).toEqual(['Changed: Review (Tue 24 Nov 2026)'])
})

test('whoever is reminded of an occurrence with a title of its own hears that title, live as well', async () => {
  const desk = scopeDesk(office)
  const id = await desk.series()
  expectStatus(await desk.patch(id, { title: 'Review' }, 'this', R[1]), 200)
  for (const day of [24, 25]) await rig.passes(Date.UTC(2026, 10, day, 8, 55) - office.api.clock.now)
  const rows = await office.query(
    "SELECT data FROM outbox WHERE type = 'reminder.sent' AND topic = $1 AND data->>'meetingId' = $2 ORDER BY seq",
    [`person:${office.owner.user.id}`, id],
  )
  const occurrences = (rows as unknown as { data: { title: string; occurrences: object[] } }[]).map(({ data }) => {
    return { series: data.title, occurrences: data.occurrences }
  })
  expect(occurrences).toEqual([
    { series: 'Planning', occurrences: [{ recurrenceId: R[0], start: starts(24), end: ends(24) }] },
    { series: 'Planning', occurrences: [{ recurrenceId: R[1], title: 'Review', start: starts(25), end: ends(25) }] },
  ])
})

const starts = (day: number) => `2026-11-${day}T09:00:00Z`
const ends = (day: number) => `2026-11-${day}T10:00:00Z`

/** What happened has been told, if it is told at all. */
async function told(): Promise<void> {
  await rig.settle()
  await rig.passes(11 * SECOND_MS)
}
