import type { Clock, Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import type { AuditEntry, NewsEvent } from '../news.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { Room } from './room.ts'

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
