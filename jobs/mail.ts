import { type Reader, holdMeeting, readReaders, roomNames } from '../db/notifications/meeting-facts.ts'
import {
  type StoredMessage,
  MAIL_JOB,
  handedSince,
  lockMessage,
  lockRecipient,
  setMessageStatus,
} from '../db/notifications/messages.ts'
import { type OrganizationTx, transact } from '../db/transaction.ts'
import { isLive } from '../domain/meetings/meeting.ts'
import type { MeetingAggregate } from '../domain/meetings/ports.ts'
import { isGuest, isTooLate, recipientsOf } from '../domain/notifications/message.ts'
import type { HandIn, HandedIn, Mail } from '../domain/notifications/ports.ts'
import { renderMessage } from '../domain/notifications/render-message.ts'
import { ok } from '../domain/result.ts'
import { type Instant, HOUR_MS, plus } from '../domain/time/instant.ts'
import type { JobDeps } from './deps.ts'
import { describeFailure } from './failure.ts'
import type { Job, Turn } from './job.ts'
import { systemActor } from './system-actor.ts'

export interface MailDeps extends JobDeps {
  handIn: HandIn
  /** Links start with it. */
  publicUrl: string
}

/** More than any person reads; what a fault or a spammer could send to one address is bounded by it. */
export const MAX_MAILS_PER_HOUR = 30

/**
 * Hands messages in, one a turn; the subject is a message's id. Invariant: a message is handed in only after `sending` was
 * committed, and never again once it was found so: at most one mail per message, whenever we die.
 */
export function mailJob(deps: MailDeps): Job {
  return { kind: MAIL_JOB, concurrency: 4, run: (turn) => send(deps, turn) }
}

/** What is to be done with a message whose turn it is. */
type Step = { mail: Mail } | { again: Instant } | 'nothing'

async function send(deps: MailDeps, turn: Turn): Promise<Instant | undefined> {
  const step = await inTurn(deps, turn, (tx) => prepare(deps, tx, turn))
  if (step === 'nothing') return undefined
  if ('again' in step) return step.again
  const handed = await handIn(deps, step.mail, turn.signal)
  await inTurn(deps, turn, (tx) => keep(tx, turn.subject, handed))
  if (handed.outcome === 'refused' && !handed.forGood) throw new Error(handed.reason)
  return undefined
}

/** Locks the message and decides; marks it when it is to be handed in. */
async function prepare(deps: MailDeps, tx: OrganizationTx, { subject, now }: Turn): Promise<Step> {
  const message = await lockMessage(tx, subject)
  if (message === undefined || (message.status !== 'queued' && message.status !== 'sending')) return 'nothing'
  if (message.status === 'sending') {
    deps.log.warn({ event: 'mail.unknown', organizationId: tx.organizationId, message: subject })
    await setMessageStatus(tx, subject, { status: 'unknown', error: 'interrupted' })
    return 'nothing'
  }
  const mail = await compose(deps, tx, message, now)
  if (mail === undefined) {
    await setMessageStatus(tx, subject, { status: 'dropped' })
    return 'nothing'
  }
  await lockRecipient(tx, message.recipient)
  const terms = { recipient: message.recipient, since: plus(now, -HOUR_MS), limit: MAX_MAILS_PER_HOUR }
  const lately = await handedSince(tx, terms)
  if (lately.length === MAX_MAILS_PER_HOUR) return { again: plus(lately.at(-1) as Instant, HOUR_MS + 1) }
  await setMessageStatus(tx, subject, { status: 'sending', handedAt: now })
  return { mail }
}

/** The mail as it has to be by now; undefined: it is not true any more, or not wanted. */
async function compose(
  deps: MailDeps,
  tx: OrganizationTx,
  message: StoredMessage,
  now: Instant,
): Promise<Mail | undefined> {
  const aggregate = await holdMeeting(tx, message.meetingId)
  if (aggregate === undefined || !isStillTrue(message, aggregate, now)) return undefined
  const { meeting } = aggregate
  const readers = await readReaders(tx, [message.recipient, meeting.organizerId])
  const reader = readers.get(message.recipient)
  if (!isGuest(message.recipient) && reader?.preferences.email !== true) return undefined
  const organizer = readers.get(meeting.organizerId)
  const { title, roomIds } = knownAs(message, aggregate)
  const rendered = renderMessage({
    kind: message.kind,
    content: message.content,
    title,
    organizerName: organizer === undefined ? '' : `${organizer.firstName} ${organizer.lastName}`,
    roomNames: await roomNames(tx, roomIds),
    isCancelled: meeting.status === 'cancelled',
    timezone: reader?.timezone ?? meeting.timezone,
    url: `${deps.publicUrl}/meeting#${meeting.id}`,
  })
  return { ...rendered, to: addressOf(message.recipient, reader), id: message.id }
}

function addressOf(recipient: string, reader: Reader | undefined): string {
  return reader?.email ?? recipient
}

/** Who was taken off a meeting hears of it as he knew it: what it has become is none of his business. */
function knownAs({ recipient, content }: StoredMessage, { meeting, participants }: MeetingAggregate) {
  if (recipientsOf(meeting, participants).includes(recipient)) return meeting
  return { title: content.title ?? 'A meeting', roomIds: [] }
}

/** It may have waited for an hour, or for Redis, or for a mail server: the meeting decides. */
function isStillTrue(message: StoredMessage, { meeting, participants, occurrences }: MeetingAggregate, now: Instant) {
  const told = message.content.occurrences
  const isExpected = recipientsOf(meeting, participants).includes(message.recipient)
  switch (message.kind) {
    case 'reminder': {
      const live = occurrences.filter(isLive)
      const stands = told.every((one) => live.some((o) => o.recurrenceId === one.recurrenceId && o.start === one.start))
      return isExpected && stands && told.every((one) => !isTooLate(one.start, now))
    }
    case 'invitation':
    case 'change':
      return isExpected && meeting.status !== 'cancelled' && told.some((one) => one.end > now)
    case 'cancellation':
    case 'conflict':
      return told.some((one) => one.end > now)
    default:
      return message.kind satisfies never
  }
}

/** What is thrown was surely not sent: the adapters answer whatever could have been. */
async function handIn(deps: MailDeps, mail: Mail, signal: AbortSignal): Promise<HandedIn> {
  try {
    return await deps.handIn(mail, signal)
  } catch (error) {
    return { outcome: 'refused', forGood: false, reason: describeFailure(error) }
  }
}

async function keep(tx: OrganizationTx, id: string, handed: HandedIn): Promise<void> {
  switch (handed.outcome) {
    case 'sent':
      return setMessageStatus(tx, id, { status: 'sent' })
    case 'unknown':
      return setMessageStatus(tx, id, { status: 'unknown', error: handed.reason })
    case 'refused':
      return setMessageStatus(tx, id, { status: handed.forGood ? 'failed' : 'queued', error: handed.reason })
    default:
      return handed satisfies never
  }
}

async function inTurn<T>(deps: MailDeps, turn: Turn, work: (tx: OrganizationTx) => Promise<T>): Promise<T> {
  const actor = systemActor(turn.organizationId, MAIL_JOB)
  const result = await transact(deps.pool, actor, { now: turn.now, onNews: deps.onNews }, async (tx) =>
    ok(await work(tx)),
  )
  if (!result.ok) throw new Error(`a turn of mail is refused: ${result.error.code}`)
  return result.value
}
