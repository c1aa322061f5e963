import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, plus } from '../domain/time/instant.ts'
import { formatInstant } from '../domain/time/iso.ts'
import { PASSWORD, unique } from '../testkit/api.ts'
import { type BookingOffice, expectStatus, openBookingOffice } from '../testkit/booking-office.ts'
import { type MailRig, openMailRig } from '../testkit/mail-rig.ts'
import { type MailServer, openMailServer } from '../testkit/mail-server.ts'
import { MAX_MAILS_PER_HOUR } from './mail.ts'

let office: BookingOffice
let mail: MailServer
let rig: MailRig
let token: string
beforeAll(async () => {
  office = await openBookingOffice()
  mail = await openMailServer()
  await office.person('member')
  await office.person('admin')
})
beforeEach(async () => {
  token = await signIn(office.owner.user.email)
  rig = await openMailRig(office, mail, inject('redisUrl'))
})
afterEach(async () => {
  await rig[Symbol.asyncDispose]()
  mail.mode = 'take'
  mail.received.length = 0
})
afterAll(async () => {
  await mail[Symbol.asyncDispose]()
  await office[Symbol.asyncDispose]()
})

/** An access token lives for ten minutes of the office's clock. */
async function signIn(email: string): Promise<string> {
  const body = { email, password: PASSWORD }
  return expectStatus(await office.api.call('POST', '/auth/login', { body }), 200).body.accessToken
}

/** In so many minutes from now, for half an hour. */
function inMinutes(minutes: number) {
  const start = plus(office.api.clock.now, minutes * MINUTE_MS)
  return {
    startTime: formatInstant(start),
    endTime: formatInstant(plus(start, 30 * MINUTE_MS)),
    timezone: 'Europe/Berlin',
  }
}

async function booked(given: object = {}) {
  const meeting = { title: `Plan ${unique()}`, ...inMinutes(120) }
  const { body } = expectStatus(await office.book({ ...meeting, ...given }, token), 201)
  return { id: body.meeting.id as string, title: body.meeting.title as string }
}

/** With a member and a guest. */
async function bookedForTwo(given: object = {}) {
  const member = await office.person('member')
  const participants = [{ userId: member.id }, { email: 'guest@example.net' }]
  return { ...(await booked({ participants, ...given })), member }
}

function mailsAbout(title: string) {
  return mail.received
    .filter((one) => one.subject.includes(title))
    .map((one) => `${one.subject.split(':')[0]} ${one.to}`)
}

const WINDOW_MS = 11 * SECOND_MS

describe('invitations', () => {
  test('go to participants other than who booked, in their own time, as text and HTML', async () => {
    const { id, title, member } = await bookedForTwo({ title: `<b>Plan</b> & ${unique()}` })
    await rig.settle()
    expect(mailsAbout(title)).toEqual([])
    await rig.passes(WINDOW_MS)
    expect(mailsAbout(title).toSorted()).toEqual([`Invitation guest@example.net`, `Invitation ${member.email}`])
    const toGuest = mail.received.find((one) => one.to === 'guest@example.net')
    const toMember = mail.received.find((one) => one.to === member.email)
    expect(toGuest?.text).toContain('Mon 23 Nov 2026, 12:00-12:30')
    expect(toGuest?.text).toContain('Times are in Europe/Berlin.')
    expect(toMember?.text).toContain('Mon 23 Nov 2026, 11:00-11:30')
    expect(toMember?.text).toContain('Times are in UTC.')
    expect(toMember?.text).toContain(`https://meet.example.com/meeting#${id}`)
    expect(toMember?.html).toContain('&lt;b&gt;Plan&lt;/b&gt; &amp;')
  })

  test('changes of a short while are one message, about what changed only', async () => {
    const { id, title, member } = await bookedForTwo({
      ...inMinutes(24 * 60),
      recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' },
    })
    await rig.settle()
    await rig.passes(WINDOW_MS)
    mail.received.length = 0
    for (const minutes of [1470, 1500, 1530]) {
      expectStatus(await office.put(id, { startTime: inMinutes(minutes).startTime }, token, { 'if-match': '*' }), 200)
    }
    expectStatus(await office.put(id, { title: `${title} now` }, token, { 'if-match': '*' }), 200)
    await rig.settle()
    await rig.passes(WINDOW_MS)
    expect(mailsAbout(title)).toHaveLength(2)
    const changed = mail.received.find((one) => one.to === member.email)?.text ?? ''
    expect(changed.match(/\(was /g)).toHaveLength(3)
    await rig.passes(MINUTE_MS)
    expect(mailsAbout(title)).toHaveLength(2)
  })

  test('a meeting that came and went within the while is not told at all; a cancelled one is told once', async () => {
    const gone = await booked()
    expectStatus(await office.api.call('DELETE', `/meetings/${gone.id}`, { token }), 204)
    const told = await bookedForTwo()
    await rig.settle()
    await rig.passes(WINDOW_MS)
    const body = { reason: 'Nobody <b>has</b> time' }
    expectStatus(await office.api.call('POST', `/meetings/${told.id}/cancel`, { token, body }), 200)
    await rig.settle()
    await rig.passes(WINDOW_MS)
    expect(mailsAbout(gone.title)).toEqual([])
    expect(mailsAbout(told.title).filter((line) => line.startsWith('Cancelled'))).toHaveLength(2)
    const last = mail.received.at(-1)
    expect(last?.text).toContain(`Reason: ${body.reason}`)
    expect(last?.html).toContain('Reason: Nobody &lt;b&gt;has&lt;/b&gt; time')
    const { items } = expectStatus(await office.get(`/meetings/${told.id}/history`, token), 200).body
    expect(items[0]).toMatchObject({ action: 'meeting.cancel', changes: { reason: { after: body.reason } } })
  })

  test('do not reach who wants no mail, nor anybody more often than the cap', async () => {
    const { user } = await office.api.register()
    const admin = await office.person('admin')
    const quiet = expectStatus(
      await office.api.call('POST', '/users', {
        token,
        body: { email: `quiet-${user.id}@example.org`, firstName: 'Q', lastName: 'Q', preferences: { email: false } },
      }),
      201,
    ).body
    const meeting = { participants: [{ userId: quiet.id }, { userId: admin.id }] }
    const start = office.api.clock.now
    for (let i = 0; i < MAX_MAILS_PER_HOUR + 2; i++) await booked({ ...meeting, ...inMinutes(300 + i) })
    await rig.settle()
    await rig.passes(WINDOW_MS)
    expect(mail.received.filter((one) => one.to === quiet.email)).toEqual([])
    expect(mail.received.filter((one) => one.to === admin.email)).toHaveLength(MAX_MAILS_PER_HOUR)
    await rig.passes(HOUR_MS + SECOND_MS)
    expect(mail.received.filter((one) => one.to === admin.email && one.subject.startsWith('Invitation'))).toHaveLength(
      MAX_MAILS_PER_HOUR + 2,
    )
    expect(office.api.clock.now).toBeGreaterThan(start)
  })
})

describe('mail', () => {
  const statuses = async (meetingId: string) => {
    token = await signIn(office.owner.user.email)
    const { items } = expectStatus(await office.get(`/notifications/history?meetingId=${meetingId}`, token), 200).body
    return items.map((item: { status: string; error: string | null }) => item.status)
  }

  test('that was refused for now is tried again, for good is not', async () => {
    mail.mode = 'later'
    const later = await booked({ participants: [{ email: 'later@example.net' }] })
    await rig.settle()
    await rig.passes(WINDOW_MS)
    expect(mailsAbout(later.title)).toEqual([])
    expect(await statuses(later.id)).toEqual(['queued'])
    mail.mode = 'take'
    await rig.passes(MINUTE_MS)
    expect(mailsAbout(later.title)).toHaveLength(1)
    expect(await statuses(later.id)).toEqual(['sent'])

    for (const mode of ['never', 'reject'] as const) {
      token = await signIn(office.owner.user.email)
      mail.mode = mode
      const never = await booked({ participants: [{ email: 'never@example.net' }] })
      await rig.settle()
      await rig.passes(WINDOW_MS)
      mail.mode = 'take'
      await rig.passes(HOUR_MS)
      expect(mailsAbout(never.title)).toEqual([])
      expect(await statuses(never.id)).toEqual(['failed'])
    }
  })

  test('whose fate nobody knows is listed and never sent again', async () => {
    mail.mode = 'vanish'
    const { id, title } = await booked({ participants: [{ email: 'vanish@example.net' }] })
    await rig.settle()
    await rig.passes(WINDOW_MS)
    mail.mode = 'take'
    await rig.passes(HOUR_MS)
    expect(mailsAbout(title)).toHaveLength(1)
    expect(await statuses(id)).toEqual(['unknown'])
  })

  test('that cannot be handed in at all dies, is listed, and can be tried again by who runs the organisation', async () => {
    mail.mode = 'later'
    const { title } = await booked({ ...inMinutes(3 * 24 * 60), participants: [{ email: 'dead@example.net' }] })
    await rig.settle()
    for (let i = 0; i < 16; i++) await rig.passes(i === 0 ? WINDOW_MS : 20 * MINUTE_MS)
    token = await signIn(office.owner.user.email)
    const dead = (await office.get('/jobs/dead', token)).body.items
    expect(dead).toMatchObject([{ kind: 'mail', attempts: 12, error: expect.stringContaining('451') }])
    const path = `/jobs/dead/mail/${dead[0].subject}/retry`
    const member = await signIn((await office.person('member')).email)
    expect((await office.get('/jobs/dead', member)).status).toBe(403)
    expect((await office.api.call('POST', path, { token: member })).status).toBe(403)
    const stranger = (await office.api.register()).accessToken
    expect((await office.get('/jobs/dead', stranger)).body.items).toEqual([])
    expect((await office.api.call('POST', path, { token: stranger })).status).toBe(404)
    mail.mode = 'take'
    expect((await office.api.call('POST', path, { token })).status).toBe(202)
    expect((await office.api.call('POST', path, { token })).status).toBe(404)
    await rig.settle()
    expect(mailsAbout(title)).toHaveLength(1)
    expect((await office.get('/jobs/dead', token)).body.items).toEqual([])
  })
})

describe('the horizon', () => {
  test('of a series moves on by weeks; an occurrence whose room is taken is conflicted, and its owner is told once', async () => {
    const room = await office.room({}, token)
    const { id, title } = await booked({
      roomIds: [room],
      recurrencePattern: { rrule: 'FREQ=WEEKLY' },
      participants: [],
    })
    const before = await office.query(
      'SELECT max(starts_at) AS last, count(*)::int AS count FROM occurrence WHERE meeting_id = $1',
      [id],
    )
    const last = (before[0] as unknown as { last: Date }).last.getTime()
    // Where the second occurrence to come will be, somebody else is already.
    const blocked = plus(last as never, 14 * DAY_MS)
    await booked({
      roomIds: [room],
      startTime: formatInstant(blocked),
      endTime: formatInstant(plus(blocked, 10 * MINUTE_MS)),
      participants: [],
    })
    await rig.settle()
    mail.received.length = 0
    await rig.passes(22 * DAY_MS)
    await rig.passes(MINUTE_MS)
    const rows = await office.query(
      `SELECT o.starts_at, o.status, (SELECT count(*)::int FROM allocation a WHERE a.meeting_id = o.meeting_id AND a.recurrence_id = o.recurrence_id) AS claims
       FROM occurrence o WHERE meeting_id = $1 AND starts_at > to_timestamp($2::float8 / 1000) ORDER BY starts_at`,
      [id, last],
    )
    expect(rows.map(({ status, claims }) => `${status} ${claims}`)).toEqual([
      'confirmed 2',
      'conflicted 0',
      'confirmed 2',
    ])
    expect(mailsAbout(title).filter((line) => line.startsWith('Room taken'))).toEqual([
      `Room taken ${office.owner.user.email}`,
    ])
    const own = (await office.news(`person:${office.owner.user.id}`)).filter((event) => 'conflicted' in event.data)
    expect(own.flatMap((event) => event.data['conflicted'])).toHaveLength(1)
    token = await signIn(office.owner.user.email)
    expect((await office.get(`/meetings/${id}`, token)).body.version).toBe(1)
    await rig.passes(DAY_MS)
    expect(mailsAbout(title).filter((line) => line.startsWith('Room taken'))).toHaveLength(1)
    expect(mailsAbout(title).filter((line) => line.startsWith('Changed'))).toEqual([])
  })
})

describe('retention', () => {
  test('lets go of what is over and of nothing else', async () => {
    await booked()
    const key = unique()
    const headers = { 'idempotency-key': key }
    expectStatus(await office.book({ ...inMinutes(600) }, token, headers), 201)
    const kept = async () => (await office.query('SELECT key FROM idempotency_key WHERE key = $1', [key])).length
    await rig.settle()
    expect(await kept()).toBe(1)
    await rig.passes(2 * DAY_MS)
    await rig.passes(2 * DAY_MS)
    expect(await kept()).toBe(0)
    await office.query(
      `CREATE TABLE outbox_2020_01 PARTITION OF outbox FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')`,
    )
    await office.query(
      `CREATE TABLE audit_2025_12 PARTITION OF audit FOR VALUES FROM ('2025-12-01Z') TO ('2026-01-01Z')`,
    )
    await rig.passes(2 * DAY_MS)
    const names = (await office.query(
      `SELECT relname FROM pg_class WHERE relname ~ '^(outbox|audit)_2'`,
    )) as unknown as { relname: string }[]
    expect(names.map(({ relname }) => relname)).not.toContain('outbox_2020_01')
    expect(names.map(({ relname }) => relname)).toContain('audit_2025_12')
  })
})
