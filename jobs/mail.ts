import { setTimeout as delay } from 'node:timers/promises'
import { type Reader, cancelReasons, holdMeetings, readReaders, roomNames } from '../db/notifications/meeting-facts.ts'
import {
  type Fate,
  type StoredMessage,
  MAIL_JOB,
  handedSince,
  lockMessages,
  lockRecipients,
  setMessageStatuses,
} from '../db/notifications/messages.ts'
import { type OrganizationTx, transact } from '../db/transaction.ts'
import { isLive } from '../domain/meetings/meeting.ts'
import { lookOf } from '../domain/meetings/occurrence-look.ts'
import type { MeetingAggregate } from '../domain/meetings/ports.ts'
import { type MessageKind, isGuest, isTooLate, recipientsOf } from '../domain/notifications/message.ts'
import type { HandIn, HandedIn, Mail } from '../domain/notifications/ports.ts'
import { renderMessage } from '../domain/notifications/render-message.ts'
import { ok } from '../domain/result.ts'
import { type Instant, HOUR_MS, plus } from '../domain/time/instant.ts'
import type { JobDeps } from './deps.ts'
import { describeFailure } from './failure.ts'
import type { Ends, Job, Turns } from './job.ts'
import { systemActor } from './system-actor.ts'

export interface MailDeps extends JobDeps {
  handIn: HandIn
  /** Links start with it. */
  publicUrl: string
}

/** More than any person reads; what a fault or a spammer could send to one address is bounded by it. */
export const MAX_MAILS_PER_HOUR = 30
/** So many a process that dies leaves of unknown fate at most, and so many connections a mail server has with it. */
const TOGETHER = 4
const KEEP_AGAIN_MS = 250

/**
 * Hands messages in, several side by side; the subject is a message's id. Invariant: a message is handed in only after `sending`
 * was committed, and never again once it was found so: at most one mail per message, whenever we die.
 */
export function mailJob(deps: MailDeps): Job {
  return { kind: MAIL_JOB, together: TOGETHER, concurrency: 1, runAll: (turns) => send(deps, turns) }
}

async function send(deps: MailDeps, turns: Turns): Promise<Ends> {
  const { mails, again } = await inTurn(deps, turns, (tx) => prepare(deps, tx, turns))
  if (mails.length === 0) return again
  const handed = await Promise.all(mails.map((mail) => handIn(deps, mail, turns.signal)))
  const fates = mails.map(({ id }, i) => ({ id, handed: handed[i] as HandedIn }))
  await keep(
    deps,
    turns,
    fates.map(({ id, handed }) => ({ id, ...statusOf(handed) })),
  )
  const refused = fates.flatMap(({ id, handed }): [string, Error][] =>
    handed.outcome === 'refused' && !handed.forGood ? [[id, new Error(handed.reason)]] : [],
  )
  return new Map<string, Instant | Error>([...again, ...refused])
}

/** What is to be handed in, marked so, and when to come again for what has to wait. Whoever was interrupted at it knows nothing. */
async function prepare(deps: MailDeps, tx: OrganizationTx, { subjects, now }: Turns) {
  const messages = await lockMessages(tx, subjects)
  const queued = messages.filter(({ status }) => status === 'queued')
  const again = new Map<string, Instant>()
  const mails: Mail[] = []
  const fates: Fate[] = []
  for (const { id, status } of messages) {
    if (status !== 'sending') continue
    deps.log.warn({ event: 'mail.unknown', organizationId: tx.organizationId, message: id })
    fates.push({ id, status: 'unknown', error: 'interrupted' })
  }
  const facts = await factsOf(tx, queued, now)
  for (const message of queued) {
    const { id, recipient } = message
    const mail = compose(deps, message, facts, now)
    const lately = facts.lately.get(recipient) ?? []
    if (mail === undefined) fates.push({ id, status: 'dropped' })
    else if (lately.length >= MAX_MAILS_PER_HOUR) {
      again.set(id, plus(lately[MAX_MAILS_PER_HOUR - 1] as Instant, HOUR_MS + 1))
    } else {
      mails.push(mail)
      fates.push({ id, status: 'sending', handedAt: now })
      facts.lately.set(recipient, [now, ...lately])
    }
  }
  await setMessageStatuses(tx, fates)
  return { mails, again }
}

type Facts = Awaited<ReturnType<typeof factsOf>>

/** What mails are made of. What is counted of their recipients stays so until the end of the transaction. */
async function factsOf(tx: OrganizationTx, messages: readonly StoredMessage[], now: Instant) {
  const ofKind = (kind: MessageKind) => meetingsOf(messages.filter((message) => message.kind === kind))
  const meetings = await holdMeetings(tx, meetingsOf(messages), ofKind('reminder'))
  const told = [...meetings.values()].map(({ meeting }) => meeting)
  const recipients = [...new Set(messages.map(({ recipient }) => recipient))]
  const terms = { recipients, since: plus(now, -HOUR_MS), limit: MAX_MAILS_PER_HOUR }
  const [readers, rooms, reasons, , lately] = await Promise.all([
    readReaders(tx, [...recipients, ...told.map(({ organizerId }) => organizerId)]),
    roomNames(
      tx,
      told.flatMap(({ roomIds }) => roomIds),
    ),
    cancelReasons(tx, ofKind('cancellation')),
    lockRecipients(tx, recipients),
    handedSince(tx, terms),
  ])
  return { meetings, readers, rooms, reasons, lately }
}

function meetingsOf(messages: readonly StoredMessage[]): string[] {
  return [...new Set(messages.map(({ meetingId }) => meetingId))]
}

/** The mail as it has to be by now; undefined: it is not true any more, or not wanted. */
function compose(deps: MailDeps, message: StoredMessage, facts: Facts, now: Instant): Mail | undefined {
  const aggregate = facts.meetings.get(message.meetingId)
  if (aggregate === undefined || !isStillTrue(message, aggregate, now)) return undefined
  const { meeting } = aggregate
  const reader = facts.readers.get(message.recipient)
  if (!isGuest(message.recipient) && reader?.preferences.email !== true) return undefined
  const organizer = facts.readers.get(meeting.organizerId)
  const { title, roomIds, isHis } = knownAs(message, aggregate)
  const rendered = renderMessage({
    kind: message.kind,
    content: message.content,
    title,
    organizerName: organizer === undefined ? '' : `${organizer.firstName} ${organizer.lastName}`,
    roomNames: roomIds.flatMap((id) => facts.rooms.get(id) ?? []),
    isCancelled: meeting.status === 'cancelled',
    reason: isHis && meeting.status === 'cancelled' ? facts.reasons.get(meeting.id) : undefined,
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
  if (recipientsOf(meeting, participants).includes(recipient)) return { ...meeting, isHis: true }
  return { title: content.title ?? 'A meeting', roomIds: [], isHis: false }
}

/** It may have waited for an hour, or for Redis, or for a mail server: the meeting decides. */
function isStillTrue(message: StoredMessage, aggregate: MeetingAggregate, now: Instant): boolean {
  const { meeting, occurrences } = aggregate
  const told = message.content.occurrences
  const isExpected = ({ participants }: Pick<MeetingAggregate, 'participants'>) =>
    recipientsOf(meeting, participants).includes(message.recipient)
  switch (message.kind) {
    case 'reminder': {
      const stands = occurrences.filter((one) => isLive(one) && isExpected(lookOf(aggregate, one)))
      return told.every(
        ({ recurrenceId, start }) =>
          !isTooLate(start, now) && stands.some((one) => one.recurrenceId === recurrenceId && one.start === start),
      )
    }
    case 'invitation':
    case 'change':
      return isExpected(aggregate) && meeting.status !== 'cancelled' && told.some((one) => one.end > now)
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

/** What is known of a mail must not be lost to a store that is away for a moment. */
async function keep(deps: MailDeps, turns: Turns, fates: readonly Fate[]): Promise<void> {
  for (;;) {
    try {
      return await inTurn(deps, turns, (tx) => setMessageStatuses(tx, fates))
    } catch (error) {
      if (turns.signal.aborted) throw error
      await delay(KEEP_AGAIN_MS, undefined, { signal: turns.signal }).catch(() => {})
    }
  }
}

function statusOf(handed: HandedIn): Omit<Fate, 'id'> {
  switch (handed.outcome) {
    case 'sent':
      return { status: 'sent' }
    case 'unknown':
      return { status: 'unknown', error: handed.reason }
    case 'refused':
      return { status: handed.forGood ? 'failed' : 'queued', error: handed.reason }
    default:
      return handed satisfies never
  }
}

async function inTurn<T>(
  deps: MailDeps,
  { organizationId, now }: Turns,
  work: (tx: OrganizationTx) => Promise<T>,
): Promise<T> {
  const actor = systemActor(organizationId, MAIL_JOB)
  const result = await transact(deps.pool, actor, { now, onNews: deps.onNews }, async (tx) => ok(await work(tx)))
  if (!result.ok) throw new Error(`a turn of mail is refused: ${result.error.code}`)
  return result.value
}
