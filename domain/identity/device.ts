import type { Clock, Ids } from '../deps.ts'
import type { AuditEntry, NewsEvent } from '../news.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import { type Instant, MINUTE_MS } from '../time/instant.ts'
import type { Actor } from './actor.ts'

/** A panel beside a room's door. Its id is also that of the user it acts as, whose role is `panel`. */
export interface Device {
  id: string
  roomId: string
  name: string
  sessionId: string
  pairedAt: Instant
  /** Roughly: within some ten minutes. */
  lastSeenAt: Instant
  revokedAt: Instant | null
}

/** A code that was shown to a manager and waits to be typed into a panel. */
export interface Pairing {
  /** The device's id to be. */
  id: string
  roomId: string
  name: string
  createdBy: string
  expiresAt: Instant
}

export const PAIRING_MS = 10 * MINUTE_MS
/** People pair a few panels at a time; every open code makes guessing one easier. */
export const MAX_OPEN_PAIRINGS = 10

/** The room a panel stands beside; `timezone` is its building's. */
export interface DeviceRoom {
  id: string
  name: string
  isActive: boolean
  timezone: string
}

/** What commands on devices need of one transaction. */
export interface DevicesTx {
  findRoom(roomId: string): Promise<DeviceRoom | undefined>
  /** Codes that can still be used, and when the first of them ends. Locks the organisation's pairings. */
  openPairings(now: Instant): Promise<{ count: number; nextEnd: Instant | undefined }>
  /** False: another pairing has that code. */
  insertPairing(pairing: Pairing, code: string, now: Instant): Promise<boolean>
  /** Uses the code up. undefined: wrong, used or expired. */
  takePairing(code: string, now: Instant): Promise<Pairing | undefined>
  /** Whether there was one of that id. */
  dropPairing(id: string): Promise<boolean>
  /** The device, its user and its session. */
  insertDevice(device: Device, room: DeviceRoom, userAgent: string | undefined): Promise<void>
  /** Locks it; undefined when this organisation has none with that id. */
  load(id: string): Promise<Device | undefined>
  /** The device and its session. */
  revoke(device: Device, now: Instant): Promise<void>
  record(
    actor: Pick<Actor, 'userId' | 'sessionId' | 'requestId'>,
    entry: { events: NewsEvent[]; audit: AuditEntry },
  ): Promise<void>
}

export interface DevicesDeps extends Clock, Ids {
  /** Six random digits. */
  newPairingCode(): string
  /** Whose code that is, if it is anybody's. */
  findPairing(code: string, now: Instant): Promise<{ id: string; organizationId: string } | undefined>
  deviceToken(device: { id: string; organizationId: string; sessionId: string; roomId: string }): Promise<string>
  /** Lets the end of a session take effect on this process at once. */
  sessionEnded(sessionId: string): void
  /** One transaction; only an `ok` commits. */
  transact<T>(
    scope: { organizationId: string; userId: string },
    now: Instant,
    work: (tx: DevicesTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
