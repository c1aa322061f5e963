import type { Interval } from '../../time/instant.ts'
import { type LocalTime, localTimeOf } from '../../time/local-time.ts'
import type { Occurrence } from '../meeting.ts'
import type { MeetingAggregate } from '../ports.ts'
import { zoneOf } from '../series-times.ts'

/** What is done about one occurrence that cannot be as it was asked for. `roomIds` are all the rooms it has then. */
export type Repair = { reasons?: string[] } & (
  { kind: 'other_room'; roomIds: string[] } | ({ kind: 'other_time' } & Interval) | { kind: 'skip' }
)
export type RepairKind = Repair['kind']

/** One that would do, and why. */
export type ProposedRepair = Repair & { reasons: string[] }

/** By the recurrence id that the occurrence has before the repair. */
export type Repairs = ReadonlyMap<LocalTime, Repair>

/** What was done otherwise than asked, as sentences. */
export function repairWarnings(repairs: Repairs | undefined): string[] {
  return [...(repairs ?? [])].map(([id, { kind, reasons = [] }]) =>
    [`Occurrence ${id} ${DONE[kind]}.`, ...reasons].join(' '),
  )
}

const DONE: Record<RepairKind, string> = {
  other_room: 'has another room',
  other_time: 'is at another time',
  skip: 'was left out',
}

export function repairRoomIds(repairs: Repairs | undefined): string[] {
  return [...(repairs?.values() ?? [])].flatMap((repair) => (repair.kind === 'other_room' ? repair.roomIds : []))
}

/**
 * The meeting with its repairs: occurrences of a series keep theirs as what they have of their own, a single meeting is
 * simply another one. Pure.
 */
export function repaired(aggregate: MeetingAggregate, repairs: Repairs | undefined): MeetingAggregate {
  if (repairs === undefined || repairs.size === 0) return aggregate
  const mended = aggregate.occurrences.map((occurrence) => {
    const repair = repairs.get(occurrence.recurrenceId)
    return repair === undefined ? occurrence : repairedOccurrence(occurrence, repair)
  })
  const occurrences = mended.toSorted((a, b) => a.start - b.start)
  const { meeting } = aggregate
  const single = meeting.rrule === null ? repairs.get(meeting.localStart) : undefined
  return single === undefined ? { ...aggregate, occurrences } : repairedSingle({ ...aggregate, occurrences }, single)
}

function repairedOccurrence(occurrence: Occurrence, repair: Repair): Occurrence {
  const { override } = occurrence
  switch (repair.kind) {
    case 'other_room':
      return { ...occurrence, override: { ...override, roomIds: repair.roomIds } }
    case 'other_time': {
      const { start, end } = repair
      return { ...occurrence, start, end, override: { ...override, start, durationMs: end - start } }
    }
    case 'skip':
      return { ...occurrence, status: 'cancelled', override: { ...override, cancelled: true } }
    default:
      return repair satisfies never
  }
}

function repairedSingle(aggregate: MeetingAggregate, repair: Repair): MeetingAggregate {
  const { meeting } = aggregate
  const occurrences = aggregate.occurrences.map((one) => (one.recurrenceId === meeting.localStart ? plain(one) : one))
  if (repair.kind === 'other_room')
    return { ...aggregate, meeting: { ...meeting, roomIds: repair.roomIds }, occurrences }
  if (repair.kind === 'skip') return aggregate
  const { start, end } = repair
  const localStart = localTimeOf(zoneOf(meeting).wallAt(start))
  const moved = occurrences.map((one) =>
    one.recurrenceId === meeting.localStart ? { ...one, recurrenceId: localStart } : one,
  )
  return { ...aggregate, meeting: { ...meeting, start, end, localStart }, occurrences: moved }
}

/** Without what it has of its own: a single meeting has none. */
function plain(occurrence: Occurrence): Occurrence {
  return { ...occurrence, override: null }
}
