import { expect, test } from 'vitest'
import { MINUTE_MS } from '../domain/time/instant.ts'
import { PASSWORD, unique } from '../testkit/api.ts'
import { eventually } from '../testkit/eventually.ts'
import { openMailServer } from '../testkit/mail-server.ts'
import { TestNetwork } from '../testkit/network.ts'

const MEETINGS = 10
const GUESTS = 3

test('promise 15 on two workers: kill -9 of one in the middle of sending, Redis flushed, every message at most once and none lost unsaid', async () => {
  await using mail = await openMailServer()
  await using network = await TestNetwork.open({ worker: 2, realtime: 0, env: { CONVOKE_SMTP_URL: mail.url } })
  const { accessToken } = await post('/auth/register', {
    email: `${unique()}@example.org`,
    password: PASSWORD,
    firstName: 'Olga',
    lastName: 'Owner',
    organization: `Org ${unique()}`,
  })
  // It begins in less than the time of its reminder.
  const startTime = new Date(Date.now() + 6 * MINUTE_MS).toISOString()
  const endTime = new Date(Date.now() + 36 * MINUTE_MS).toISOString()
  let killed: Promise<unknown> | undefined
  mail.onMail = () => {
    if (mail.received.length === 5) killed = Promise.all([network.node('worker-1').kill(), network.redis.flush()])
  }
  const meetings: string[] = []
  for (let i = 0; i < MEETINGS; i++) {
    const participants = Array.from({ length: GUESTS }, (_, guest) => ({ email: `guest-${i}-${guest}@example.net` }))
    const body = { title: `Plan ${unique()}`, startTime, endTime, timezone: 'UTC', participants }
    meetings.push((await post('/meetings', body)).meeting.id)
  }
  await allHandled(MEETINGS * (GUESTS + 1))
  await killed
  expect(network.node('worker-1').isUp).toBe(false)

  const [moved, cancelled] = meetings as [string, string]
  const later = { startTime: new Date(Date.now() + 8 * MINUTE_MS).toISOString() }
  await call('PUT', `/meetings/${moved}`, later, { 'if-match': '*' })
  await call('DELETE', `/meetings/${cancelled}`)
  await allHandled((MEETINGS + 1) * (GUESTS + 1))

  await eventually(async () => {
    const { queued = 0, sending = 0 } = await byStatus()
    return queued + sending === 0 ? undefined : `${queued} mails are queued, ${sending} on their way`
  }, 40_000)
  const ids = mail.received.map((one) => one.messageId)
  expect(new Set(ids).size).toBe(ids.length)
  const counts = await byStatus()
  expect(counts['sent']).toBeLessThanOrEqual(mail.received.length)
  expect(mail.received.length).toBeLessThanOrEqual((counts['sent'] ?? 0) + (counts['unknown'] ?? 0))
  console.log(`promise 15 on two workers: ${mail.received.length} mails, ${JSON.stringify(counts)}`)

  /** Every reminder there is to be has been sent, or nobody can know. */
  async function allHandled(reminders: number): Promise<void> {
    await eventually(async () => {
      const found = await reminderRows()
      const open = found.filter((status) => status === 'queued' || status === 'sending').length
      if (found.length < reminders || open > 0) return `${found.length} of ${reminders} reminders, ${open} open`
      return undefined
    }, 40_000)
  }

  async function reminderRows(): Promise<string[]> {
    const { items } = await call('GET', '/notifications/history?limit=500')
    const mails = items.filter(
      (item: { kind: string; channel: string }) => item.kind === 'reminder' && item.channel === 'email',
    )
    return mails.map((item: { status: string }) => item.status)
  }

  async function byStatus(): Promise<Record<string, number>> {
    const { items } = await call('GET', '/notifications/history?limit=500')
    const mails = items.filter((item: { channel: string }) => item.channel === 'email')
    const groups = Map.groupBy(mails, (item: { status: string }) => item.status)
    return Object.fromEntries([...groups].map(([status, all]) => [status, all.length]))
  }

  function post(path: string, body: object) {
    return call('POST', path, body)
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<any> {
    const answer = await fetch(network.url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(path.startsWith('/auth/') ? {} : { authorization: `Bearer ${accessToken}` }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.status === 204 ? undefined : answer.json()
  }
}, 90_000)
