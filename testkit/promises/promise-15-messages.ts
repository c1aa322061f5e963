import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import type { MailServer } from '../mail-server.ts'
import type { TestNetwork } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, MINUTE, expectStatus, foundOffice, loggedErrors } from './office.ts'

const MEETINGS = 8
const GUESTS = 3
/** What a killed worker had in hand waits for its lease of 10 s. */
const SENT_WITHIN_MS = 25_000

interface Message {
  id: string
  meeting_id: string
  kind: string
  recipient: string
  status: string
  handed_at: Date | null
  content: { occurrences: { start: number }[] }
}

let network: TestNetwork
let office: Office
let judge: Judge
let mail: MailServer

export function messages(ground: () => Ground): void {
  describe('Promise 15: at most one message per (event, recipient, channel); reminders follow the moved time; none after cancel', () => {
    beforeAll(async () => {
      ;({ network, judge, mail } = ground())
      office = await foundOffice(network, { people: 0, rooms: 0 })
    })

    test('both workers are killed in the middle of sending and Redis flushed, while meetings are moved and cancelled', async () => {
      const domain = `${randomBytes(4).toString('hex')}.example.net`
      const ours = () => mail.received.filter(({ to }) => to.endsWith(domain))
      const victims = network.of('worker')
      const killed = Promise.withResolvers<void>()
      mail.onMail = ({ to }) => {
        if (!to.endsWith(domain) || ours().length !== 5) return
        // Whoever hands this one in never hears that it was taken.
        void Promise.all([...victims.map((victim) => victim.kill()), network.redis.flush()]).then(() =>
          killed.resolve(),
        )
      }
      // They begin in less than the time of a reminder, which is due at once.
      const soon = Math.ceil(Date.now() / 1_000) * 1_000 + 6 * MINUTE
      const meetings = await Promise.all(Array.from({ length: MEETINGS }, (_, i) => book(soon, i, domain)))
      await killed.promise
      mail.onMail = () => {}
      const comesBack = victims[1]!.start()

      const [moved, cancelled, changed] = meetings as [string, string, string]
      const later = soon + 2 * MINUTE
      const body = { startTime: new Date(later).toISOString() }
      expectStatus(await office.call('PUT', `/meetings/${moved}`, { body, headers: { 'if-match': '*' } }), 200)
      expectStatus(await office.call('DELETE', `/meetings/${cancelled}`), 204)
      const cancelledAt = Date.now()
      const guests = { participants: [{ email: `0-${domain}@${domain}` }] }
      expectStatus(
        await office.call('PUT', `/meetings/${changed}`, { body: guests, headers: { 'if-match': '*' } }),
        200,
      )
      // Invitations wait for more changes to come; here for these.
      await judge.hasten('invitation', meetings)
      await eventually(() => isUnsaid(meetings, { moved, later }), SENT_WITHIN_MS)
      await comesBack
      await victims[0]!.start()

      const found = await messagesOf(meetings)
      const counts = Object.fromEntries([...Map.groupBy(found, ({ status }) => status)].map(([k, v]) => [k, v.length]))
      console.log(`${ours().length} mails to guests of ${domain}; messages:`, counts)
      // Of every mail that arrived there is one message, and none arrived twice, in all that this network has lived through.
      const ids = mail.received.map(({ messageId }) => messageId)
      expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
      const kept = await judge.query<{ id: string }>(
        `SELECT id FROM message WHERE status IN ('sent', 'sending', 'unknown')`,
      )
      const known = new Set(kept.map(({ id }) => id))
      expect(ids.filter((id) => ![...known].some((one) => id.includes(one)))).toEqual([])
      // What is said to be sent was, and what the dead had in hand, at most four each, is unknown.
      const arrived = (id: string) => ids.some((one) => one.includes(id))
      expect(found.filter(({ id, status }) => status === 'sent' && !arrived(id))).toEqual([])
      expect(counts['unknown']).toBeGreaterThan(0)
      expect(counts['unknown']).toBeLessThanOrEqual(8)

      for (const id of meetings.slice(3)) expect(remindersOf(found, id, soon).length).toBe(GUESTS + 1)
      expect(remindersOf(found, moved, later).length).toBe(GUESTS + 1)
      const isLate = ({ handed_at: handedAt }: Message) => handedAt !== null && handedAt.getTime() > cancelledAt
      expect(remindersOf(found, cancelled, soon).filter(isLate)).toEqual([])
      expect(remindersOf(found, moved, soon).filter(isLate)).toEqual([])
      const invited = new Set(found.filter(({ kind }) => kind === 'invitation').map(({ meeting_id: id }) => id))
      expect(invited).toEqual(new Set(meetings.filter((id) => id !== cancelled)))
      expect(await judge.faults()).toEqual([])
      expect(await loggedErrors(network)).toEqual([])
    })
  })
}

async function book(start: number, i: number, domain: string): Promise<string> {
  const iso = (time: number) => new Date(time).toISOString()
  const times = { startTime: iso(start), endTime: iso(start + 30 * MINUTE), timezone: 'UTC' }
  const participants = Array.from({ length: GUESTS }, (_, guest) => ({ email: `${i}-${guest}@${domain}` }))
  const body = { title: `Plan ${i} of ${domain}`, ...times, participants }
  return expectStatus(await office.call('POST', '/meetings', { body }), 201).body.meeting.id
}

function messagesOf(meetings: readonly string[]): Promise<Message[]> {
  return judge.query<Message>(`SELECT * FROM message WHERE channel = 'email' AND meeting_id = ANY ($1)`, [meetings])
}

/** What is still to be said: of every live meeting its guests are invited and reminded, and nothing is on its way. */
async function isUnsaid(
  meetings: readonly string[],
  { moved, later }: { moved: string; later: number },
): Promise<string | undefined> {
  const open = await judge.query(
    `SELECT FROM due WHERE due_at <= now() AND dead_at IS NULL AND (
       (kind IN ('reminder', 'invitation') AND subject = ANY ($1))
       OR (kind = 'mail' AND subject IN (SELECT id::text FROM message WHERE meeting_id = ANY ($1::uuid[]))))`,
    [meetings],
  )
  const found = await messagesOf(meetings)
  const waiting = found.filter(({ status }) => status === 'queued' || status === 'sending')
  const invited = new Set(found.filter(({ kind }) => kind === 'invitation').map(({ meeting_id: id }) => id))
  // The news of a change puts invitations off again.
  await judge.hasten('invitation', meetings)
  if (open.length > 0 || waiting.length > 0) return `${open.length} rows are due, ${waiting.length} messages wait`
  if (invited.size < meetings.length - 1) return `${invited.size} meetings have told their guests`
  return remindersOf(found, moved, later).length > 0 ? undefined : 'nobody was reminded of the new time'
}

/** Of one meeting at one time. */
function remindersOf(found: readonly Message[], id: string, start: number): Message[] {
  const isOf = ({ content }: Message) => content.occurrences.some((one) => one.start === start)
  return found.filter((one) => one.meeting_id === id && one.kind === 'reminder' && isOf(one))
}
