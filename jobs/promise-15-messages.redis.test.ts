import { expect, inject, test } from 'vitest'
import { HOUR_MS, type Instant, MINUTE_MS, SECOND_MS, plus } from '../domain/time/instant.ts'
import { formatInstant } from '../domain/time/iso.ts'
import { PASSWORD, unique } from '../testkit/api.ts'
import { type BookingOffice, expectStatus, openBookingOffice } from '../testkit/booking-office.ts'
import { type CrashPoint, openMailRig } from '../testkit/mail-rig.ts'
import { type ReceivedMail, openMailServer } from '../testkit/mail-server.ts'
import { MAX_MAILS_PER_HOUR } from './mail.ts'

/** A meeting as the test knows it: who books, moves and cancels knows the truth. */
interface Known {
  id: string
  title: string
  start: Instant
  isCancelled: boolean
}

const STEPS = 36
const REMINDER_MS = 10 * MINUTE_MS
const GRACE_MS = 10 * MINUTE_MS

test('promise 15: at most one message per event and recipient; reminders follow the moved time, none after cancel', async () => {
  const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`promise 15: TEST_SEED=${seed}`)
  const random = randomOf(seed)
  await using stack = new AsyncDisposableStack()
  const office = stack.use(await openBookingOffice())
  const mail = stack.use(await openMailServer())
  const rig = stack.use(await openMailRig(office, mail, inject('redisUrl')))
  const { clock } = office.api
  const member = await office.person('member')
  const guest = 'guest@example.net'
  const zones = new Map([
    [office.owner.user.email, 'UTC'],
    [member.email, 'UTC'],
    [guest, 'Asia/Kathmandu'],
  ])
  const meetings = new Map<string, Known>()
  const faults: string[] = []
  const reminded = new Set<string>()
  let crashes = 0
  let signedIn = { token: '', until: 0 }

  mail.onMail = (one) => {
    const known = [...meetings.values()].find(({ title }) => one.subject.includes(title))
    if (known === undefined) return void faults.push(`a mail about nothing: ${one.subject}`)
    if (!one.subject.startsWith('Reminder')) return
    const wanted = `${timeOf(known.start, zones.get(one.to) as string)}-`
    if (known.isCancelled) faults.push(`a reminder of a cancelled meeting: ${one.subject}`)
    if (!one.text.includes(wanted)) faults.push(`a reminder of another time than ${wanted}: ${one.text}`)
    if (clock.now < known.start - REMINDER_MS) faults.push(`a reminder too early: ${one.subject}`)
    if (clock.now >= known.start + GRACE_MS) faults.push(`a reminder too late: ${one.subject}`)
    reminded.add(`${known.title} ${known.start} ${one.to}`)
  }

  for (let step = 0; step < STEPS; step++) {
    await once(random.pick(['book', 'book', 'move', 'cancel', 'pass', 'pass', 'pass', 'crash']))
    await everybodyReminded()
  }
  await rig.passes(30 * MINUTE_MS)

  expect(faults).toEqual([])
  const count = (keyOf: (one: ReceivedMail) => string) =>
    [...Map.groupBy(mail.received, keyOf)].filter(([, all]) => all.length > 1)
  expect(count((one) => one.messageId)).toEqual([])
  const sameEvent = (one: ReceivedMail) => `${one.to} ${one.subject} ${one.text}`
  expect(count(sameEvent).filter(([key]) => /Reminder|Invitation|Cancelled/.test(key))).toEqual([])
  expect(mail.received.filter((one) => one.subject.startsWith('Reminder')).length).toBeGreaterThan(0)
  console.log(
    `promise 15: ${meetings.size} meetings, ${mail.received.length} mails, ${crashes} crashes, ` +
      `${(await office.query(`SELECT FROM message WHERE status = 'unknown'`)).length} of unknown fate`,
  )

  async function once(what: string): Promise<void> {
    if (what === 'book') return book()
    if (what === 'pass') return void (await rig.passes(random.upTo(8) * MINUTE_MS + random.upTo(60) * SECOND_MS))
    if (what === 'crash') {
      crashes += 1
      return rig.passesWithCrash(
        random.upTo(6) * MINUTE_MS,
        random.pick<CrashPoint>(['before', 'after', random.upTo(30)]),
      )
    }
    const live = [...meetings.values()].filter((one) => !one.isCancelled && one.start > clock.now)
    if (live.length === 0) return book()
    const one = random.pick(live)
    const token = await ownersToken()
    if (what === 'cancel') {
      expectStatus(await office.api.call('DELETE', `/meetings/${one.id}`, { token }), 204)
      one.isCancelled = true
      return
    }
    const start = soon()
    const body = { startTime: formatInstant(start), endTime: formatInstant(plus(start, 30 * MINUTE_MS)) }
    expectStatus(await office.put(one.id, body, token, { 'if-match': '*' }), 200)
    one.start = start
  }

  async function book(): Promise<void> {
    const start = soon()
    const title = `Plan ${unique()}`
    const { body } = expectStatus(
      await office.book(
        {
          title,
          startTime: formatInstant(start),
          endTime: formatInstant(plus(start, 30 * MINUTE_MS)),
          timezone: 'Asia/Kathmandu',
          participants: [{ userId: member.id }, { email: guest }],
        },
        await ownersToken(),
      ),
      201,
    )
    meetings.set(title, { id: body.meeting.id, title, start, isCancelled: false })
  }

  /** Whole minutes, some of them nearer than the reminder. */
  function soon(): Instant {
    const minute = plus(clock.now, MINUTE_MS - (clock.now % MINUTE_MS))
    return plus(minute, (3 + random.upTo(40)) * MINUTE_MS)
  }

  /** After every step, whoever is to be reminded by now was, or nobody can know whether he was, or he has had too many mails this hour. */
  async function everybodyReminded(): Promise<void> {
    await rig.passes(0)
    for (const { id, title, start, isCancelled } of meetings.values()) {
      if (isCancelled || clock.now < start - REMINDER_MS || clock.now >= start + GRACE_MS) continue
      for (const to of zones.keys()) {
        if (reminded.has(`${title} ${start} ${to}`)) continue
        const recipient = to === guest ? to : to === member.email ? member.id : office.owner.user.id
        const rows = await office.query(
          `SELECT FROM message m WHERE event_key = $1 AND recipient = $2 AND channel = 'email' AND (status = 'unknown'
             OR status = 'queued' AND $3 <= (SELECT count(*) FROM message o WHERE o.recipient = m.recipient
                                               AND o.handed_at > to_timestamp($4::float8 / 1000)))`,
          [`reminder.${id}.${start}`, recipient, MAX_MAILS_PER_HOUR, clock.now - HOUR_MS],
        )
        if (rows.length === 0) faults.push(`no reminder of ${title} at ${formatInstant(start)} for ${to}`)
      }
    }
  }

  async function ownersToken(): Promise<string> {
    if (clock.now < signedIn.until) return signedIn.token
    signedIn = { token: await signIn(office), until: clock.now + 9 * MINUTE_MS }
    return signedIn.token
  }
}, 60_000)

async function signIn(office: BookingOffice): Promise<string> {
  const body = { email: office.owner.user.email, password: PASSWORD }
  return expectStatus(await office.api.call('POST', '/auth/login', { body }), 200).body.accessToken
}

function timeOf(at: Instant, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at)
}

/** Mulberry32. */
function randomOf(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    /** 0 to n - 1. */
    upTo: (n: number) => Math.floor(next() * n),
    pick: <T>(items: readonly T[]) => items[Math.floor(next() * items.length)] as T,
  }
}
