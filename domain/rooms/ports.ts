import type { Clock, Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import type { MeetingsTx } from '../meetings/ports.ts'
import type { AuditEntry, NewsEvent } from '../news.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import type { Occupancy, OccupancySample } from './occupancy.ts'
import type { Room } from './room.ts'
import type { RoomBooking, RoomLook, RoomUse } from './room-look.ts'
import type { RoomUseState } from './room-use.ts'

/** What commands on rooms need of one transaction. */
export interface RoomsTx {
  /** Locks the room; undefined when this organisation has none with that id. */
  load(id: string): Promise<Room | undefined>
  hasFloor(id: string): Promise<boolean>
  /** Makes the missing kinds of equipment; answers all as they are spelled in this organisation, in the order given. */
  spellEquipment(names: readonly string[]): Promise<string[]>
  /** False: the name is taken. Nothing may be written after that. */
  insert(room: Room): Promise<boolean>
  update(room: Room): Promise<boolean>
  /** The panels beside it and their sessions. */
  revokeDevices(roomId: string, now: Instant): Promise<void>
  record(actor: Actor, entry: { events: NewsEvent[]; audit: AuditEntry }): Promise<void>
}

export interface RoomsDeps extends Clock, Ids {
  /** One transaction; only an `ok` commits. */
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: RoomsTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}

/** A booking's use as it is kept: with its state, and how it ended if it has. */
export interface RoomUseRecord extends RoomUse {
  booking: Pick<RoomBooking, 'meetingId' | 'recurrenceId' | 'allocationId' | 'start' | 'end'>
  roomId: string
  state: RoomUseState
  ended?: { by: string; reason: 'time' | 'early' | 'empty' } | undefined
  released?: { at: Instant; by: string; reason: ReleaseReason; note: string | null } | undefined
}

/** `no_show`: nobody came. `given_back`: somebody said so. */
export type ReleaseReason = 'no_show' | 'given_back'

/** What commands on the use of rooms need of one transaction. Lock order: meeting, what a sensor said, allocations, topic heads. */
export interface RoomUseTx {
  meetings: MeetingsTx
  /** The room around that moment; undefined when this organisation has none with that id. */
  look(roomId: string, now: Instant): Promise<RoomLook | undefined>
  /** Of these; rooms this organisation does not have are missing. */
  looks(roomIds: readonly string[], now: Instant): Promise<RoomLook[]>
  /** Nobody else changes that meeting or says anything about its rooms until the transaction ends. */
  lockMeeting(meetingId: string): Promise<void>
  /** No sensor's word about that room comes in between. */
  lockOccupancy(roomId: string): Promise<void>
  /** What became of a booking that has left the room. */
  pastUse(roomId: string, allocationId: string): Promise<RoomUseState | undefined>
  putUse(use: RoomUseRecord): Promise<void>
  /** Of a room's claim: where it ends, and where the room is free again. */
  cutClaim(booking: RoomBooking, end: Instant, blockedUntil: Instant): Promise<void>
  /** Of one occurrence. */
  moveEnd(meetingId: string, recurrenceId: LocalTime, end: Instant): Promise<void>
  /** Whoever heard of an occurrence knows that it has just these rooms left: no mail is to say so. */
  roomsTold(meetingId: string, recurrenceId: LocalTime, roomIds: readonly string[]): Promise<void>
  silenceTold(roomId: string, now: Instant): Promise<void>
  record(actor: Actor, entry: { events: NewsEvent[]; audit: AuditEntry }): Promise<void>
}

export interface RoomUseDeps extends Clock, Ids {
  tzVersion: string
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: RoomUseTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}

/** What the ingest of samples needs of one transaction. */
export interface OccupancyTx {
  /** Locks what is known of these rooms, in order; null: nothing is. Rooms this organisation does not have are missing. */
  lockKnown(roomIds: readonly string[]): Promise<Map<string, Occupancy | null>>
  /** Keeps the samples; answers the ids of those that had not come before. */
  keep(samples: readonly OccupancySample[], reportedBy: string): Promise<Set<string>>
  write(rooms: ReadonlyMap<string, Occupancy>): Promise<void>
  looks(roomIds: readonly string[], now: Instant): Promise<RoomLook[]>
  record(actor: Actor, entry: { events: NewsEvent[]; audit: AuditEntry }): Promise<void>
}

export interface OccupancyDeps extends Clock, Ids {
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: OccupancyTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
