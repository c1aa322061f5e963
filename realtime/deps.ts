import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { RoleChange } from '../db/identity/revocations.ts'
import type { Tracing } from '../db/tracing.ts'
import type { OrganizationTx } from '../db/transaction.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Authenticate } from '../domain/identity/ports.ts'
import type { TopicKind } from '../domain/news.ts'
import type { Refusal } from '../domain/refusals.ts'
import type { Result } from '../domain/result.ts'
import type { RoomStateView } from '../domain/rooms/room-state.ts'
import type { UseRoom } from '../domain/rooms/use-room.ts'
import type { WalkUp, WalkedUp } from '../domain/rooms/walk-up.ts'
import type { Instant } from '../domain/time/instant.ts'

/**
 * The state of one topic as this viewer may see it, as JSON; undefined when it does not exist or may not be watched.
 * Runs inside a read-only snapshot shared with other joins. With `need: 'access'` (a client that resumes) only the
 * yes or no is asked: any object will do.
 */
export type TopicSource = (
  tx: OrganizationTx,
  actor: Actor,
  id: string,
  now: Instant,
  need: 'state' | 'access',
) => Promise<object | undefined>

export type TopicSources = Record<TopicKind, TopicSource>

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

/** What the socket tier is given by the composition root. */
export interface RealtimeDeps extends Clock, Ids {
  /** As convoke_app: states of topics. */
  pool: Pool
  /** As convoke_relay: the log. */
  logPool: Pool
  redisUrl: string
  log: Logger
  metrics: Registry
  /** undefined: no traces are made. */
  tracing?: Tracing | undefined
  nodeId: string
  authenticate: Authenticate
  /** Calls back when a session ends, on every node; returns how to stop that. */
  onRevoked: (listener: (sessionId: string) => void) => () => void
  /** Calls back when a role changes, on every node within a second; returns how to stop that. */
  onRoleChanged: (listener: (change: RoleChange) => void) => () => void
  topicSources: TopicSources
  rooms: RoomCommands
}
