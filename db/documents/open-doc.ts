import type { Pool } from 'pg'
import { type DocRef, docIdOf } from '../../domain/documents/doc-ref.ts'
import type { Resource } from '../../domain/identity/can.ts'
import { ok } from '../../domain/result.ts'
import { type Instant } from '../../domain/time/instant.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { type OrganizationTx, readOnly, transact } from '../transaction.ts'
import { type StoredDoc, readDoc } from './doc-log.ts'
import { readRightsFacts } from './rights-facts.ts'
import { type DocSchedule, initialUpdate } from './yjs-doc.ts'

export interface OpenedDoc {
  rights: Extract<Resource, { kind: 'meeting' }>
  doc: StoredDoc
}

/**
 * The document as stored; its first state is made when it is opened for the first time. `mayOpen` is asked before anything
 * is made. undefined: there is no such meeting or occurrence, or it may not be opened.
 */
export async function openDoc(
  pool: Pool,
  { organizationId, ref, now }: { organizationId: string; ref: DocRef; now: Instant },
  mayOpen: (rights: OpenedDoc['rights']) => boolean,
): Promise<OpenedDoc | undefined> {
  const found = await readOnly(pool, organizationId, async (tx) => {
    const [rights, doc] = await Promise.all([readRightsFacts(tx, ref), readDoc(tx, docIdOf(ref))])
    return { rights, doc }
  })
  const { rights, doc } = found
  if (rights === undefined || !mayOpen(rights)) return undefined
  if (doc !== undefined) return { rights, doc }
  await transact(pool, { organizationId, userId: organizationId }, { now, onNews: () => {} }, async (tx) => {
    await createDoc(tx, ref, now)
    return ok(undefined)
  })
  const created = await readOnly(pool, organizationId, (tx) => readDoc(tx, docIdOf(ref)))
  return created && { rights, doc: created }
}

/**
 * Makes the first state out of the meeting's row, under its lock: two nodes that open the same document at once make one.
 * Does nothing when there is a document, or no meeting.
 */
async function createDoc(tx: OrganizationTx, ref: DocRef, now: Instant): Promise<void> {
  const docId = docIdOf(ref)
  const { rows } = await tx.query<{ title: string; description: string }>('doc-meeting-lock', LOCK_MEETING, [
    tx.organizationId,
    ref.meetingId,
  ])
  const [meeting] = rows
  // A statement of its own, after the lock: it sees what whoever held the lock before has made.
  const [schedule, existing] = await Promise.all([
    readDocSchedule(tx, ref),
    tx.query('doc-exists', EXISTS, [tx.organizationId, docId]),
  ])
  if (meeting === undefined || schedule === undefined || existing.rowCount !== 0) return
  await tx.query('doc-create', CREATE, [
    tx.organizationId,
    docId,
    ref.meetingId,
    ref.recurrenceId ?? null,
    initialUpdate({ ...meeting, schedule }),
    now,
  ])
}

/** undefined: there is no such meeting or occurrence. */
export async function readDocSchedule(
  tx: OrganizationTx,
  { meetingId, recurrenceId }: DocRef,
): Promise<DocSchedule | undefined> {
  const values = [tx.organizationId, meetingId, recurrenceId ?? null]
  const { rows } = await tx.query<ScheduleRow>('doc-schedule', SCHEDULE, values)
  const [row] = rows
  if (row === undefined) return undefined
  const { starts_at, ends_at, timezone, status, rooms } = row
  return { start: formatInstant(starts_at), end: formatInstant(ends_at), timezone, rooms: rooms ?? [], status }
}

interface ScheduleRow {
  starts_at: Instant
  ends_at: Instant
  timezone: string
  status: string
  rooms: DocSchedule['rooms'] | null
}

const LOCK_MEETING = `SELECT title, description FROM meeting WHERE organization_id = $1 AND id = $2 FOR UPDATE`
const EXISTS = `SELECT FROM doc WHERE organization_id = $1 AND id = $2`

const CREATE = `
  WITH made AS (
    INSERT INTO doc (organization_id, id, meeting_id, recurrence_id, head, created_at)
    VALUES ($1, $2, $3, $4, 1, to_timestamp($6::float8 / 1000)) RETURNING id
  )
  INSERT INTO doc_update (organization_id, doc_id, seq, payload, author_ids, at)
  SELECT $1, id, 1, $5, '{}', to_timestamp($6::float8 / 1000) FROM made`

const SCHEDULE = `
  SELECT coalesce(o.starts_at, m.starts_at) AS starts_at, coalesce(o.ends_at, m.ends_at) AS ends_at, m.timezone,
         coalesce(o.status, m.status) AS status,
         (SELECT json_agg(json_build_object('id', r.id, 'name', r.name) ORDER BY array_position(m.room_ids, r.id))
          FROM room r WHERE r.organization_id = $1 AND r.id = ANY (m.room_ids)) AS rooms
  FROM meeting m LEFT JOIN occurrence o
    ON o.organization_id = $1 AND o.meeting_id = m.id AND o.recurrence_id = $3
  WHERE m.organization_id = $1 AND m.id = $2 AND ($3::text IS NULL OR o.recurrence_id IS NOT NULL)`
