import type { Actor } from '../identity/actor.ts'
import { meetingNews } from '../meetings/meeting-news.ts'
import { meetingView } from '../meetings/meeting-view.ts'
import { peopleOf } from '../meetings/occurrence-look.ts'
import { factsOf } from '../meetings/open-meeting.ts'
import type { MeetingAggregate } from '../meetings/ports.ts'
import { ok } from '../result.ts'
import { type Instant, SECOND_MS, plus } from '../time/instant.ts'
import type { DocRef } from './doc-ref.ts'
import type { DocumentText, DocumentsDeps, DocumentsTx, LockedDocument } from './ports.ts'

/** Who repairs a document, and who changes a title when nobody else can be named. */
const SERVER_ID = '00000000-0000-0000-0000-000000000000'

/** Somebody who clears the title is about to type a new one. */
const EMPTY_TITLE_MS = 10 * SECOND_MS
/** A log this long makes opening slow; an idle document gets its snapshot anyway. */
const SNAPSHOT_UPDATES = 500
const SNAPSHOT_BYTES = 262_144
const SNAPSHOT_IDLE_MS = 30 * SECOND_MS

/**
 * Makes of a document what the rest of the product reads: the meeting's title and description (its text revision moves, its
 * version does not), and the text for search; holds the document to its schema, and makes snapshots. May be run at any time.
 * Answers when it is to be run again; undefined: not before somebody writes.
 */
export async function projectDocument(
  deps: DocumentsDeps,
  { organizationId, ref, requestId }: { organizationId: string; ref: DocRef; requestId: string },
): Promise<Instant | undefined> {
  const replica = await deps.read(organizationId, ref)
  const now = deps.now()
  const server: Actor = { organizationId, userId: SERVER_ID, sessionId: SERVER_ID, role: 'owner', requestId }
  const done = await deps.transact(server, now, async (tx) => {
    const loaded = await tx.meetings.load(ref.meetingId)
    if (loaded === undefined) return ok(undefined)
    if (ref.recurrenceId === undefined) await tx.wakeOccurrences(ref.meetingId)
    if (replica === undefined) return ok(undefined)
    const standIn = (changedAt: Instant) => (now - changedAt >= EMPTY_TITLE_MS ? loaded.meeting.title : undefined)
    const locked = await tx.lock(replica, standIn)
    if (locked === undefined) return ok(undefined)
    const isSnapshotDue = snapshotDue(locked, now)
    await tx.keepSearchText(replica, locked.text.searchText)
    if (isSnapshotDue) await tx.snapshot(replica)
    if (ref.recurrenceId === undefined) {
      await projectText(tx, { ...server, userId: locked.authorId ?? SERVER_ID }, loaded, locked.text, now)
    }
    return ok(nextTurn(locked, isSnapshotDue))
  })
  if (!done.ok) throw new Error(`projecting was refused: ${done.error.code}`)
  return done.value
}

async function projectText(
  tx: DocumentsTx,
  actor: Actor,
  before: MeetingAggregate,
  { title = before.meeting.title, description }: DocumentText,
  now: Instant,
): Promise<void> {
  const { meeting, participants } = before
  if (title === meeting.title && description === meeting.description) return
  const after = { ...meeting, title, description, textRevision: meeting.textRevision + 1, updatedAt: now }
  const aggregate = { ...before, meeting: after }
  await tx.meetings.update(after, {})
  const facts = await factsOf(tx.meetings, aggregate)
  const view = meetingView(after, participants, facts)
  const people = peopleOf(before)
  await tx.meetings.record({
    actor,
    events: meetingNews({
      type: 'meeting.updated',
      view,
      aggregate,
      facts,
      released: [],
      booked: [],
      before: people,
      isRetold: title !== meeting.title,
    }),
    audit: { action: 'meeting.write', subjectId: meeting.id, detail: { textRevision: after.textRevision } },
  })
}

function snapshotDue({ log, changedAt }: LockedDocument, now: Instant): boolean {
  // A snapshot of one update is that update again.
  if (log.count <= 1) return false
  return log.count >= SNAPSHOT_UPDATES || log.bytes >= SNAPSHOT_BYTES || now - changedAt >= SNAPSHOT_IDLE_MS
}

function nextTurn({ text, log, changedAt }: LockedDocument, isSnapshotMade: boolean): Instant | undefined {
  if (text.title === undefined) return plus(changedAt, EMPTY_TITLE_MS)
  return isSnapshotMade || log.count <= 1 ? undefined : plus(changedAt, SNAPSHOT_IDLE_MS)
}
