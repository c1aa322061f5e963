import type { Claim, Meeting, Occurrence, Participant } from '../domain/meetings/meeting.ts'
import { type RecurrenceInput, planSchedule } from '../domain/meetings/plan-schedule.ts'
import type { MeetingAggregate, RoomFacts } from '../domain/meetings/ports.ts'
import type { LocalTime } from '../domain/time/local-time.ts'
import { parseInstant } from '../domain/time/iso.ts'
import { parseLocalTime, wallMs } from '../domain/time/local-time.ts'
import { type Zone, findZone } from '../domain/time/zone.ts'
import { type Instant, plus } from '../domain/time/instant.ts'

/** Facts for domain tests, as the store would give them. */

export const NOW = parseInstant('2026-11-23T09:00:00Z') as Instant
export const ORGANIZER = 'organizer'

interface Given {
  /** Wall clock of the start. */
  start?: string
  durationMs?: number
  timezone?: string
  recurrence?: RecurrenceInput | null
  cancelled?: string[]
  participants?: Participant[]
  roomIds?: string[]
  meeting?: Partial<Meeting>
}

export function aggregate(given: Given = {}): MeetingAggregate {
  const { start = '2026-11-24T10:00', durationMs = 3_600_000, timezone = 'Europe/Berlin', recurrence = null } = given
  const local = parseLocalTime(start) as LocalTime
  const instant = plus((findZone(timezone) as Zone).instantOf(wallMs(local)), durationMs)
  const schedule = planSchedule({ start: { local }, end: { instant }, timezone, recurrence }, NOW)
  if (!schedule.ok) throw new Error(schedule.error.detail)
  const { slots, ...times } = schedule.value
  const cancelled = new Set(given.cancelled)
  const occurrences = slots.map((slot): Occurrence => {
    return cancelled.has(slot.recurrenceId)
      ? { ...slot, status: 'cancelled', override: { cancelled: true } }
      : { ...slot, status: 'confirmed', override: null }
  })
  const meeting: Meeting = {
    ...times,
    allDay: false,
    splitFrom: null,
    endsBySplit: false,
    id: 'meeting',
    organizerId: ORGANIZER,
    title: 'Planning',
    description: '',
    status: 'confirmed',
    visibility: 'organization',
    tzVersion: 'test',
    roomIds: given.roomIds ?? [],
    metadata: {},
    version: 1,
    textRevision: 1,
    createdAt: NOW,
    updatedAt: NOW,
    ...given.meeting,
  }
  return { meeting, participants: given.participants ?? [], occurrences }
}

export function roomFacts(given: Partial<RoomFacts> = {}): RoomFacts {
  const id = given.id ?? 'aurora'
  return { id, name: id, capacity: 10, floorId: null, equipment: [], bookingRules: {}, isActive: true, ...given }
}

export function user(id: string, given: Partial<Participant> = {}): Participant {
  const participant: Participant = { ...guest(id), userId: id, email: null }
  return { ...participant, ...given }
}

export function guest(email: string): Participant {
  return { id: email, userId: null, email, role: 'required', response: 'needs_action', comment: null, inSeries: true }
}

/** A claim with the id that stands for it in tests. */
export function nameOf(claim: Claim): string {
  return `${claim.resourceId} ${claim.recurrenceId}`
}

export function idMaker(): { newId: () => string } {
  let made = 0
  return { newId: () => `id-${++made}` }
}
