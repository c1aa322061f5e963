import { holdMeeting, keepTold, lockTold, readReaders, soleActor } from '../db/notifications/meeting-facts.ts'
import { putMessages } from '../db/notifications/messages.ts'
import { transact } from '../db/transaction.ts'
import type { MeetingView } from '../domain/meetings/meeting-view.ts'
import { type Told, NOTHING_TOLD, announce, toldOf } from '../domain/notifications/announce.ts'
import { ok } from '../domain/result.ts'
import { SECOND_MS, plus } from '../domain/time/instant.ts'
import type { JobDeps } from './deps.ts'
import type { Job, Turn } from './job.ts'
import { systemActor } from './system-actor.ts'

const KIND = 'invitation'
/** Changes of one meeting within it are told as one. */
export const COALESCE_MS = 10 * SECOND_MS

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
      return isMeeting && !isLonely ? [{ subject: topic.slice('meeting:'.length), dueAt: plus(now, COALESCE_MS) }] : []
    },
    run: (turn) => tell(deps, turn),
  }
}

async function tell(deps: JobDeps, { organizationId, subject, now }: Turn): Promise<undefined> {
  await transact(deps.pool, systemActor(organizationId, KIND), { now, onNews: deps.onNews }, async (tx) => {
    const aggregate = await holdMeeting(tx, subject)
    if (aggregate === undefined) return ok(undefined)
    const last = await lockTold(tx, subject)
    // Older than the news we keep: whoever is concerned knows it as it stands.
    const before: Told = last === 'unknown' ? toldOf(aggregate, now) : last === 'nothing' ? NOTHING_TOLD : last.told
    const since = typeof last === 'string' ? aggregate.meeting.createdAt : last.announcedAt
    const doneBy = await soleActor(tx, subject, { since, now })
    const { told, messages } = announce(before, aggregate, { now, doneBy })
    const readers = await readReaders(
      tx,
      messages.map((message) => message.recipient),
    )
    const wanted = messages.filter(({ recipient }) => readers.get(recipient)?.preferences.email !== false)
    await putMessages(tx, deps, wanted, now)
    await keepTold(tx, subject, told, now)
    return ok(undefined)
  })
}
