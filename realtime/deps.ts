import type { RoleChange } from '../db/identity/revocations.ts'
import type { Ids } from '../domain/deps.ts'
import type { OwnHoldView } from '../domain/holds/hold.ts'
import type { PlaceHold } from '../domain/holds/place-hold.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Authenticate } from '../domain/identity/ports.ts'
import type { Refusal } from '../domain/refusals.ts'
import type { Result } from '../domain/result.ts'
import type { RoomStateView } from '../domain/rooms/room-state.ts'
import type { UseRoom } from '../domain/rooms/use-room.ts'
import type { WalkUp, WalkedUp } from '../domain/rooms/walk-up.ts'
import type { AvailabilityDesk } from './availability/desk.ts'
import type { NewsDeps } from './news-deps.ts'

export type RoomCommand<Cmd, Value = RoomStateView> = (actor: Actor, cmd: Cmd) => Promise<Result<Value, Refusal>>

/** What people in front of a room do, as the composition root gives it. */
export interface RoomCommands {
  checkIn: RoomCommand<UseRoom>
  extend: RoomCommand<UseRoom & { minutes: number }>
  end: RoomCommand<UseRoom>
  release: RoomCommand<UseRoom & { reason?: string | undefined }>
  keep: RoomCommand<UseRoom>
  walkUp: RoomCommand<WalkUp, WalkedUp>
}

/** The holds of who is connected, as the composition root gives them. */
export interface HoldCommands {
  place: RoomCommand<PlaceHold, OwnHoldView>
  renew: RoomCommand<{ holdId: string; ttlMs: number }, OwnHoldView>
  release: RoomCommand<{ holdId: string }, undefined>
}

/** What the socket tier is given by the composition root. */
export interface RealtimeDeps extends NewsDeps, Ids {
  authenticate: Authenticate
  /** Calls back when a session ends, on every node; returns how to stop that. */
  onRevoked: (listener: (sessionId: string) => void) => () => void
  /** Calls back when a role changes, on every node within a second; returns how to stop that. */
  onRoleChanged: (listener: (change: RoleChange) => void) => () => void
  rooms: RoomCommands
  holds: HoldCommands
  availability: AvailabilityDesk
}
