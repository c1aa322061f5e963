import {
  type LastTold,
  holdMeetings,
  keepTold,
  lockTold,
  readReaders,
  soleActors,
} from '../db/notifications/meeting-facts.ts'
import { putMessages } from '../db/notifications/messages.ts'
import { transact } from '../db/transaction.ts'
import type { MeetingView } from '../domain/meetings/meeting-view.ts'
import type { MeetingAggregate } from '../domain/meetings/ports.ts'
import { type Told, NOTHING_TOLD, announce, toldOf } from '../domain/notifications/announce.ts'
import { ok } from '../domain/result.ts'
import { type Instant, SECOND_MS, instant } from '../domain/time/instant.ts'
import type { JobDeps } from './deps.ts'
import type { Ends, Job, Turns } from './job.ts'
import { systemActor } from './system-actor.ts'

const KIND = 'invitation'
/** Changes of one meeting within it are told as one. */
export const COALESCE_MS = 10 * SECOND_MS
/** Meetings that are due within it are due at its end, and so together. */
const TICK_MS = 250
/** Told in one transaction, which holds them: a command on one of them waits for some milliseconds. */
const TOGETHER = 16

/**
 * Tells people by mail what became of a meeting: invitations, changes, cancellations; the subject is its id. What is told is the
 * difference between what they heard last and what is, kept in the same transaction as the messages, so a turn that comes
 * twice, or after several commands, tells each thing once.
 */
export function announcementJob(deps: JobDeps): Job {
  return {
    kind: KIND,
    wakenBy({ topic, type, data }, now) {
      const isMeeting = topic.startsWith('meeting:') && type.startsWith('meeting.')
      // Whoever books for himself is told nothing.
      const isLonely = type === 'meeting.created' && (data as Partial<MeetingView>).participants?.length === 0
      return isMeeting && !isLonely ? [{ subject: topic.slice('meeting:'.length), dueAt: soon(now) }] : []
    },
    together: TOGETHER,
    runAll: (turns) => tell(deps, turns),
  }
}

function soon(now: Instant): Instant {
  return instant(Math.ceil((now + COALESCE_MS) / TICK_MS) * TICK_MS)
}

async function tell(deps: JobDeps, { organizationId, subjects, now }: Turns): Promise<Ends> {
  await transact(deps.pool, systemActor(organizationId, KIND), { now, onNews: deps.onNews }, async (tx) => {
    const meetings = await holdMeetings(tx, subjects)
    if (meetings.size === 0) return ok(undefined)
    const lastOf = await lockTold(tx, [...meetings.keys()])
    const sinceOf = new Map([...meetings].map(([id, aggregate]) => [id, toldAt(lastOf.get(id), aggregate)]))
    const doneBy = await soleActors(tx, sinceOf, now)
    const announced = [...meetings].map(([id, aggregate]) => {
      const before = toldBefore(lastOf.get(id), aggregate, now)
      return { id, ...announce(before, aggregate, { now, doneBy: doneBy.get(id) }) }
    })
    const messages = announced.flatMap((one) => one.messages)
    const readers = await readReaders(
      tx,
      messages.map((message) => message.recipient),
    )
    const wanted = messages.filter(({ recipient }) => readers.get(recipient)?.preferences.email !== false)
    await putMessages(tx, deps, wanted, now)
    await keepTold(tx, new Map(announced.map(({ id, told }) => [id, told])), now)
    return ok(undefined)
  })
  return new Map()
}

function toldBefore(
  last: LastTold | 'nothing' | 'unknown' | undefined,
  aggregate: MeetingAggregate,
  now: Instant,
): Told {
  if (last === 'nothing') return NOTHING_TOLD
  // Older than the news we keep: whoever is concerned knows it as it stands.
  return typeof last === 'object' ? last.told : toldOf(aggregate, now)
}

function toldAt(last: LastTold | string | undefined, { meeting }: MeetingAggregate): Instant {
  return typeof last === 'object' ? last.announcedAt : meeting.createdAt
}
