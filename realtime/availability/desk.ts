import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { readMeetingToMove } from '../../db/availability/moved-meeting.ts'
import { movedMeeting } from '../../domain/availability/moved-meeting.ts'
import type { Clock, Ids } from '../../domain/deps.ts'
import { gauge } from '../metrics.ts'
import type { Newsroom } from '../newsroom.ts'
import { Drags, type DragsDeps } from './drags.ts'
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
  const drags = stack.use(new Drags({ now, newId, times, movable: movableIn(pool) }))
  newsroom.companions.push(watches, drags)
  gauge(metrics, 'convoke_availability_watches', 'Standing queries for availability', () => watches.size)
  gauge(metrics, 'convoke_availability_subjects', 'People and rooms they look at', () => times.size)
  const opened = stack.move()
  return { watches, drags, [Symbol.dispose]: () => opened.dispose() }
}

/** Whoever names a meeting that is not in its own way learns when it is: only who may move it may say so. */
function movableIn(pool: Pool): DragsDeps['movable'] {
  return async (actor, moved) => {
    const loaded = await readMeetingToMove(pool, actor.organizationId, moved)
    return movedMeeting(actor, loaded, moved.recurrenceId)
  }
}
