import { instant } from '../../domain/time/instant.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { HttpRequest } from './http-client.ts'

export interface MixOffice {
  rooms: readonly string[]
  /** Access tokens; the bare peer asks for none. */
  tokens: readonly string[]
  meetings: readonly string[]
  /** First of the days that are full of meetings, and how many there are. */
  firstDay: number
  days: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Meetings that the load itself books lie behind those that are there. */
const OWN_DAYS = 3_000

/**
 * What a working office asks: nine reads to one write. Deterministic by `n`, so that ours and the peer are asked the same.
 * `turn` keeps the slots of different runs apart.
 */
export function mixedRequest(office: MixOffice, n: number, turn: number): HttpRequest {
  const token = pick(office.tokens, n)
  const room = pick(office.rooms, n * 7)
  const day = office.firstDay + (n % office.days) * DAY
  const [from, to] = [iso(day), iso(day + DAY)]
  switch (pick(SLOTS, n)) {
    case 'schedule':
      return { method: 'GET', path: `/rooms/${room}/schedule?from=${from}&to=${to}`, token }
    case 'list':
      return { method: 'GET', path: `/meetings?from=${from}&to=${to}&limit=20`, token }
    case 'meeting':
      return { method: 'GET', path: `/meetings/${pick(office.meetings, n * 13)}`, token }
    case 'available': {
      const start = day + (n % 20) * (HOUR / 2)
      const path = `/rooms/available?startTime=${iso(start)}&endTime=${iso(start + HOUR)}&capacity=4`
      return { method: 'GET', path, token }
    }
    case 'book': {
      const slot = turn * 1_000_003 + n
      const start =
        office.firstDay + (office.days + (Math.floor(slot / 48) % OWN_DAYS)) * DAY + (slot % 48) * (HOUR / 2)
      const body = {
        title: 'Under load',
        startTime: iso(start),
        endTime: iso(start + HOUR / 2),
        timezone: 'UTC',
        roomIds: [pick(office.rooms, Math.floor(slot / (48 * OWN_DAYS)) + n * 31)],
        onConflict: 'skip',
      }
      return { method: 'POST', path: '/meetings', token, body }
    }
  }
}

/** Of twenty requests. */
const SLOTS = [
  'schedule', 'list', 'meeting', 'schedule', 'available', 'meeting', 'schedule', 'list', 'schedule', 'book',
  'meeting', 'schedule', 'list', 'available', 'schedule', 'meeting', 'list', 'schedule', 'meeting', 'book',
] as const // prettier-ignore

function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T
}

function iso(at: number): string {
  return formatInstant(instant(at))
}
