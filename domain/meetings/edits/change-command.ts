import type { Refusal } from '../../refusals.ts'
import type { Instant } from '../../time/instant.ts'
import { type SeenVersion, versionRefusal } from '../../versions.ts'
import type { ClaimRequest } from '../claims.ts'
import type { Edit } from './edit-all.ts'
import type { ScopeInput, Target } from './edit-scope.ts'
import type { ParticipantInput } from '../invitees.ts'
import type { Occurrence, Participant } from '../meeting.ts'
import { type MeetingView, type OccurrenceView, meetingView } from '../meeting-view.ts'
import { ownSeatings } from '../occurrence-look.ts'
import { goneRefusal, transitionRefusal } from '../open-meeting.ts'
import type { BookingFacts, MeetingAggregate } from '../ports.ts'
import type { Repairs } from '../plans/repairs.ts'
import type { OnConflict } from '../settle-lost.ts'
import type { StandingMeeting } from './standing-meeting.ts'

/** Any subset; what is absent stays as it is. Of which occurrences it is said is the scope: `all` when absent. */
export interface ChangeMeeting extends Edit, ScopeInput {
  meetingId: string
  seen: SeenVersion
  participants?: readonly ParticipantInput[] | undefined
  /** One more person, beside those there are. Who is invited already gets the given role. */
  invite?: ParticipantInput | undefined
  onConflict: OnConflict
  /** What is done about single occurrences that cannot be as the change makes them. */
  repairs?: Repairs | undefined
}

export interface Changed {
  /** After a split the new meeting; of one occurrence, the occurrence. */
  meeting: MeetingView | OccurrenceView
  etag: string
  warnings: string[]
  /** A meeting that this command made out of another. */
  isNew: boolean
}

/** A change with what was looked up for it. */
export interface LookedUp {
  cmd: ChangeMeeting
  facts: BookingFacts
  now: Instant
  /** Whom it invites, to what it is about; undefined: who was. */
  invited: Participant[] | undefined
}

/** Version first, then whether the status allows it, of the meeting and of the occurrence. */
export function changeRefusal(
  { aggregate: { meeting, participants }, facts }: StandingMeeting,
  { seen }: Pick<ChangeMeeting, 'seen'>,
  one: Occurrence | undefined,
): Refusal | undefined {
  const current = () => meetingView(meeting, participants, facts)
  return versionRefusal(seen, meeting, current) ?? transitionRefusal(meeting, 'change') ?? (one && goneRefusal(one))
}

/** What the meeting as it shall be asks of rooms and people. */
export function requestFor(aggregate: MeetingAggregate, facts: BookingFacts, now: Instant): ClaimRequest {
  const { meeting, participants, occurrences } = aggregate
  const rooms = meeting.roomIds.flatMap((id) => facts.rooms.get(id) ?? [])
  const { organizerId, rrule } = meeting
  const own = ownSeatings(aggregate, facts)
  return { now, organizerId, participants, occurrences, rooms, own, isRecurring: rrule !== null }
}

export function changedFields(cmd: ChangeMeeting): string[] {
  const { meetingId: _, seen: __, onConflict: ___, scope: ____, recurrenceId: _____, repairs: ______, ...fields } = cmd
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}

/** For the record: nothing for the whole. */
export function scopeOf(target: Target): ScopeInput {
  return target.scope === 'all' ? {} : { scope: target.scope, recurrenceId: target.occurrence.recurrenceId }
}
