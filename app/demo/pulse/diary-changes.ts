import { HOUR_MS, MINUTE_MS } from '../../../domain/time/instant.ts'
import { happens, oneOf } from './chance.ts'
import type { Colleague } from './colleague.ts'

interface Listed {
  meetingId: string
  isRecurring: boolean
  startTime: string
  endTime: string
}

/** People change their minds: a meeting of the next hours moves by a little, now and then one is cancelled. */
export async function changeSomething(staff: readonly Colleague[]): Promise<string | undefined> {
  const somebody = oneOf(staff)
  const window = `from=${iso(Date.now() + 20 * MINUTE_MS)}&to=${iso(Date.now() + 8 * HOUR_MS)}`
  const { status, body } = await somebody.call(
    'GET',
    `/meetings?${window}&organizerId=${await somebody.userId()}&limit=20`,
  )
  if (status !== 200) return undefined
  const mine = (body.items as Listed[]).filter((meeting) => !meeting.isRecurring)
  if (mine.length === 0) return undefined
  const { meetingId, startTime, endTime } = oneOf(mine)
  if (happens(0.2)) return outcome('cancelled', await somebody.call('DELETE', `/meetings/${meetingId}`))
  const by = oneOf([15, 30, 45]) * MINUTE_MS
  const meeting = await somebody.call('GET', `/meetings/${meetingId}`)
  const moved = {
    version: meeting.body?.version,
    startTime: iso(Date.parse(startTime) + by),
    endTime: iso(Date.parse(endTime) + by),
  }
  return outcome('moved', await somebody.call('PUT', `/meetings/${meetingId}`, moved))
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function outcome(what: string, { status }: { status: number }): string {
  return status < 300 ? what : `${what}: refused`
}
