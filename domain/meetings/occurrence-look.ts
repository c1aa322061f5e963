import type { LocalTime } from '../time/local-time.ts'
import { type OwnSeatings, busyPeople } from './claims.ts'
import type { Meeting, Occurrence, OccurrenceStatus, Participant } from './meeting.ts'
import type { BookingFacts, MeetingAggregate } from './ports.ts'

/** How one occurrence looks: what it has of its own, and the rest as its series has it. */
export interface Look extends Pick<Meeting, 'title' | 'description' | 'visibility' | 'metadata' | 'roomIds'> {
  /** Who is invited to this occurrence, with the role and the answer that count here; all of them marked `inSeries`. */
  participants: Participant[]
}

type Series = Pick<MeetingAggregate, 'meeting' | 'participants'>

/** Pure. Time and status are the occurrence's own columns. */
export function lookOf({ meeting, participants }: Series, { override }: Pick<Occurrence, 'override'>): Look {
  return {
    title: override?.title ?? meeting.title,
    description: override?.description ?? meeting.description,
    visibility: override?.visibility ?? meeting.visibility,
    metadata: override?.metadata ?? meeting.metadata,
    roomIds: override?.roomIds ?? meeting.roomIds,
    participants: participantsHere(participants, override),
  }
}

function participantsHere(participants: readonly Participant[], override: Occurrence['override']): Participant[] {
  const roles = override?.participants && new Map(override.participants.map(({ id, role }) => [id, role]))
  const invited = roles
    ? participants.flatMap((p) => (roles.has(p.id) ? { ...p, role: roles.get(p.id) ?? p.role, inSeries: true } : []))
    : participants.filter((p) => p.inSeries)
  const answers = override?.answers
  return answers === undefined ? invited : invited.map((p) => ({ ...p, ...answers[p.id] }))
}

/** It differs from its series by more than what people answered. */
export function isException({ override }: Pick<Occurrence, 'override'>): boolean {
  return override !== null && Object.keys(override).some((property) => property !== 'answers')
}

/** Rooms, people or answers of its own: what it claims is not what its series claims. */
export function hasOwnSeating({ override }: Pick<Occurrence, 'override'>): boolean {
  return override?.roomIds !== undefined || override?.participants !== undefined || override?.answers !== undefined
}

/** Who comes and where, of the occurrences that have it otherwise than their series. */
export function ownSeatings(aggregate: MeetingAggregate, { rooms }: Pick<BookingFacts, 'rooms'>): OwnSeatings {
  const own = new Map<LocalTime, { participants: Participant[]; rooms: NonNullable<ReturnType<typeof rooms.get>>[] }>()
  for (const occurrence of aggregate.occurrences) {
    if (!hasOwnSeating(occurrence)) continue
    const { roomIds, participants } = lookOf(aggregate, occurrence)
    own.set(occurrence.recurrenceId, { participants, rooms: roomIds.flatMap((id) => rooms.get(id) ?? []) })
  }
  return own
}

/** The users whose time the meeting, or any one occurrence of it, takes. */
export function peopleOf(aggregate: MeetingAggregate): string[] {
  const { organizerId } = aggregate.meeting
  const own = aggregate.occurrences.filter(hasOwnSeating).map((occurrence) => lookOf(aggregate, occurrence))
  return [...new Set([aggregate, ...own].flatMap(({ participants }) => busyPeople({ organizerId, participants })))]
}

/** Every room that the meeting, or any one occurrence of it, names. */
export function roomIdsOf({ meeting, occurrences }: Pick<MeetingAggregate, 'meeting' | 'occurrences'>): string[] {
  return [...new Set([...meeting.roomIds, ...occurrences.flatMap(({ override }) => override?.roomIds ?? [])])]
}

/** What holds of an occurrence: its own word before its series'. `isRetried`: what stood in its way is to be asked again. */
export function statusOf(
  meeting: Pick<Meeting, 'status'>,
  { status, override }: Pick<Occurrence, 'status' | 'override'>,
  isRetried: boolean,
): OccurrenceStatus {
  if (override?.cancelled === true || meeting.status === 'cancelled') return 'cancelled'
  if (status === 'conflicted' && !isRetried) return 'conflicted'
  return override?.status ?? meeting.status
}
