import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { seeMeeting } from '../../db/meetings/queries.ts'
import { readOnly } from '../../db/transaction.ts'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { resourceOf } from '../../domain/meetings/open-meeting.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { gauge } from '../metrics.ts'
import type { Newsroom } from '../newsroom.ts'
import { Drags } from './drags.ts'
import { SubjectTimes } from './subject-times.ts'
import { Watches } from './watches.ts'

/** Live availability on this node. */
export interface AvailabilityDesk extends Disposable {
  watches: Watches
  drags: Drags
}

export interface AvailabilityDeskDeps extends Clock, Ids {
  pool: Pool
  log: Logger
  metrics: Registry
  nodeId: string
}

/** It follows in the name of the node; whoever looks is judged by his own rights, when he asks and when these change. */
export function openAvailabilityDesk(deps: AvailabilityDeskDeps, newsroom: Newsroom): AvailabilityDesk {
  const { pool, log, metrics, now, newId, nodeId } = deps
  using stack = new DisposableStack()
  const follow = newsroom.follow.bind(newsroom)
  const times = stack.use(new SubjectTimes({ pool, log, follow }))
  const watches = stack.use(new Watches({ now, newId, nodeId, times, epoch: () => newsroom.epoch }))
  const drags = stack.use(new Drags({ now, newId, times, movable: (actor, id) => movable(pool, actor, id) }))
  newsroom.companions.push(watches, drags)
  gauge(metrics, 'convoke_availability_watches', 'Standing queries for availability', () => watches.size)
  gauge(metrics, 'convoke_availability_subjects', 'People and rooms they look at', () => times.size)
  const opened = stack.move()
  return { watches, drags, [Symbol.dispose]: () => opened.dispose() }
}

/** Whoever names a meeting that is not in its own way learns when it is: only who may move it may say so. */
async function movable(pool: Pool, actor: Actor, id: string): Promise<Result<{ isRecurring: boolean }, Refusal>> {
  const seen = await readOnly(pool, actor.organizationId, (tx) => seeMeeting(tx, actor, id, tx.last))
  if (seen === undefined) return err(refuse('not_found'))
  if (!can(actor, 'update', resourceOf(seen.meeting, seen.participants))) return err(refuse('forbidden'))
  return ok({ isRecurring: seen.meeting.rrule !== null })
}
