import type { Clock, Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import type { AuditEntry, NewsEvent } from '../news.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { BookingRules } from '../rooms/room.ts'
import type { Instant, Interval } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import type { Claim, Meeting, Occurrence, Participant } from './meeting.ts'
import type { KeptChange } from './edits/kept-change.ts'

export interface RoomFacts {
  id: string
  name: string
  capacity: number
  floorId: string | null
  equipment: string[]
  bookingRules: BookingRules
  isActive: boolean
}

export interface PersonFacts {
  id: string
  email: string
  firstName: string
  lastName: string
  /** Of his free-form preferences; read by `preferencesOf`. */
  reminderMinutes: unknown
}

/** Everything about one meeting that a command changes. */
export interface MeetingAggregate {
  meeting: Meeting
  participants: Participant[]
  occurrences: Occurrence[]
}

/** A claim that was not granted, and what stands there (undefined: it was gone again when we looked). */
export interface LostClaim {
  resourceId: string
  recurrenceId: LocalTime
  blocker: (Interval & { kind: 'booking' | 'hold' }) | undefined
}

/** Of a claim what decides whether it is in another's way. */
export type Blockable = Pick<Claim, 'resourceId' | 'recurrenceId' | 'blockedFrom' | 'blockedUntil'>

/** Of one claim: what stands where it would. */
export interface Blocker extends Interval {
  resourceId: string
  recurrenceId: LocalTime
  kind: 'booking' | 'hold'
}

/** What commands on meetings need of one transaction. Lock order: meeting, allocations, the rest, topic heads last. */
export interface MeetingsTx {
  facts(roomIds: readonly string[], userIds: readonly string[], emails: readonly string[]): Promise<BookingFacts>
  /** Locks the meeting; undefined when this organisation has none with that id. */
  load(id: string): Promise<MeetingAggregate | undefined>
  /**
   * Writes a new meeting with its claims, and its news if every claim was granted. False: some were not, nothing is recorded
   * yet, and the transaction goes on.
   */
  book(aggregate: MeetingAggregate, claims: readonly Claim[], entry: Entry): Promise<boolean>
  /** Writes a new meeting without claims or news, for a command that writes another one beside it. */
  insert(aggregate: MeetingAggregate): Promise<void>
  /** Writes the row of a loaded meeting; participants and occurrences, where given, become exactly those. */
  update(meeting: Meeting, parts: Partial<Pick<MeetingAggregate, 'participants' | 'occurrences'>>): Promise<void>
  /** Claims in one ordered statement. True: all were granted. */
  claim(meetingId: string, claims: readonly Claim[]): Promise<boolean>
  lostClaims(meetingId: string, claims: readonly Claim[]): Promise<LostClaim[]>
  /** Everything the meeting claims at present. */
  claimsOf(meetingId: string): Promise<Claim[]>
  release(meetingId: string, claims: readonly Claim[]): Promise<void>
  /** The rooms that occurrences gave back or left early, as `settledKey`. */
  settled(meetingId: string): Promise<ReadonlySet<string>>
  /** Active rooms that are free for all these spans, their own buffers included; best fit first. */
  freeRooms(need: RoomNeed, spans: readonly Interval[], limit: number): Promise<RoomFacts[]>
  /** The same for each span by itself: some of the best fits that are free then. */
  freeRoomsPerSpan(need: RoomNeed, spans: readonly Interval[]): Promise<RoomFacts[][]>
  /** What keeps claims from being granted, but for what is given back before; several things may keep one. */
  blockers(claims: readonly Blockable[], released: readonly Claim[]): Promise<Blocker[]>
  /** What occupies the rooms in a window, buffers included, in order. */
  busy(roomIds: readonly string[], window: Interval): Promise<Interval[]>
  /** Brings new text into the meeting's shared document, if it has one; what is absent is not new. */
  writeText(meetingId: string, authorId: string, text: MeetingText): Promise<void>
  /** Last of all: it locks the topic heads. Of a command that writes several meetings, one entry for each. */
  record(...entries: Entry[]): Promise<void>
  /** What people were told of a series goes along with its occurrences from there on, to the meeting that takes them over. */
  handOverTold(handOver: { from: string; to: string; recurrenceId: LocalTime }): Promise<void>
  /** Adds an entry to the meeting's history, with the change that it tells of. */
  keepChange(change: KeptChange): Promise<void>
  /** What the meeting's status was before it was cancelled; undefined when its history does not say. */
  statusBeforeCancel(meetingId: string): Promise<'tentative' | 'confirmed' | undefined>
}

export interface MeetingText {
  title?: string | undefined
  description?: string | undefined
}

/** What a command leaves behind beside its rows: news for who watches, and who did it. */
export interface Entry {
  actor: Actor
  events: NewsEvent[]
  audit: AuditEntry
}

export interface BookingFacts {
  rooms: Map<string, RoomFacts>
  people: Map<string, PersonFacts>
}

/** Which rooms would do. Preferring a floor orders them, naming one excludes the others. */
export interface RoomNeed {
  capacity: number
  equipment: readonly string[]
  floorId?: string | undefined
  preferFloorId?: string | null | undefined
  except: readonly string[]
  /** Only these, when given. */
  among?: readonly string[] | undefined
}

export interface MeetingsDeps extends Clock, Ids {
  tzVersion: string
  /** One transaction; only an `ok` commits. */
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: MeetingsTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
