import type { Pool } from 'pg'
import * as Y from 'yjs'
import type { Clock, Ids } from '../../domain/deps.ts'
import { type DocRef, docIdOf } from '../../domain/documents/doc-ref.ts'
import type { DocumentsDeps, DocumentsTx, LockedDocument, Replica } from '../../domain/documents/ports.ts'
import { DOCUMENT_JOB } from '../../domain/documents/projection.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { openHoldWay } from '../holds/hold-way.ts'
import { meetingsTx } from '../meetings/meetings-tx.ts'
import { type OrganizationTx, readOnly, transact } from '../transaction.ts'
import { contentOf } from './doc-content.ts'
import { type StoredDoc, appendUpdates, lockDocs, readDoc, readDocSince } from './doc-log.ts'
import { readDocSchedule } from './open-doc.ts'
import { repairDoc } from './repair-doc.ts'
import { openYDoc } from './yjs-doc.ts'

export interface DocumentsStoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
}

export function createDocumentsStore({ pool, newId, now, onNews }: DocumentsStoreDeps): DocumentsDeps {
  return {
    now,
    newId,
    // Read before anything is locked: making a tree of a large document takes longer than others should wait.
    async read(organizationId, ref) {
      const stored = await readOnly(pool, organizationId, (tx) => readDoc(tx, docIdOf(ref)))
      return stored && new YReplica(ref, stored)
    },
    transact: (actor, at, work) =>
      transact(pool, actor, { now: at, onNews }, (tx) => work(documentsTx(tx, { newId }, actor.userId, at))),
  }
}

class YReplica implements Replica {
  readonly ref: DocRef
  readonly docId: string
  readonly doc: Y.Doc
  head: number
  readonly log: { count: number; bytes: number }

  constructor(ref: DocRef, stored: StoredDoc) {
    this.ref = ref
    this.docId = docIdOf(ref)
    this.head = stored.head
    this.doc = openYDoc(stored.updates)
    this.log = { count: stored.log.count, bytes: stored.log.bytes }
  }

  take(seq: number, payload: Uint8Array): void {
    Y.applyUpdate(this.doc, payload)
    this.head = seq
    this.log.count += 1
    this.log.bytes += payload.length
  }
}

function documentsTx(tx: OrganizationTx, ids: Ids, userId: string, now: Instant): DocumentsTx {
  const { organizationId } = tx
  return {
    meetings: meetingsTx(tx, ids, now, openHoldWay(tx, userId, now)),

    async lock(given, emptyTitle): Promise<LockedDocument | undefined> {
      const replica = given as YReplica
      const [, since, schedule, last] = await Promise.all([
        lockDocs(tx, [replica.docId]),
        readDocSince(tx, replica.docId, replica.head),
        readDocSchedule(tx, replica.ref),
        tx.query<LastRow>('doc-last-edit', LAST_EDIT, [organizationId, replica.docId]),
      ])
      const [edit] = last.rows
      if (schedule === undefined || edit === undefined) return undefined
      if (since === undefined) throw new Error(`the log of ${replica.docId} went on without us`)
      for (const { seq, payload } of since) replica.take(seq, payload)
      const repair = repairDoc(replica.doc, { emptyTitle: emptyTitle(edit.at), schedule })
      if (repair !== undefined) {
        const appended = await appendUpdates(tx, [{ docId: replica.docId, payload: repair, authorIds: [] }], now)
        replica.take(appended.get(replica.docId) as number, repair)
      }
      return {
        text: contentOf(replica.doc),
        changedAt: edit.at,
        authorId: edit.author_id ?? undefined,
        log: replica.log,
      }
    },

    async keepSearchText(given, text) {
      const { docId, head } = given as YReplica
      await tx.query('doc-text-put', PUT_TEXT, [organizationId, docId, head, text])
    },

    async snapshot(given) {
      const { docId, head, doc } = given as YReplica
      const values = [organizationId, docId, head, Y.encodeStateAsUpdate(doc), Y.encodeStateVector(doc), now]
      await tx.query('doc-forget', FORGET, [organizationId, docId])
      await tx.query('doc-snapshot', SNAPSHOT, values)
    },

    async wakeOccurrences(meetingId) {
      await tx.query('doc-wake', WAKE, [organizationId, meetingId, DOCUMENT_JOB, now])
    },
  }
}

interface LastRow {
  at: Instant
  author_id: string | null
}

// Of people, if there is any such row; a repair must not make the document look busy.
const LAST_EDIT = `
  SELECT coalesce(max(u.at) FILTER (WHERE u.author_ids <> '{}'), max(u.at), d.created_at) AS at,
         (SELECT w.author_ids[1] FROM doc_update w
          WHERE w.organization_id = $1 AND w.doc_id = $2 AND w.author_ids <> '{}' ORDER BY w.seq DESC LIMIT 1) AS author_id
  FROM doc d LEFT JOIN doc_update u ON u.organization_id = $1 AND u.doc_id = d.id
  WHERE d.organization_id = $1 AND d.id = $2
  GROUP BY d.created_at`

const PUT_TEXT = `
  INSERT INTO doc_text (organization_id, doc_id, projected_seq, search_text) VALUES ($1, $2, $3, $4)
  ON CONFLICT (organization_id, doc_id) DO UPDATE
    SET projected_seq = excluded.projected_seq, search_text = excluded.search_text`

// What the newest snapshot holds is not needed once there is a newer one; it itself stays until then.
const FORGET = `
  WITH newest AS (
    SELECT max(upto_seq) AS seq FROM doc_snapshot WHERE organization_id = $1 AND doc_id = $2
  ), gone AS (
    DELETE FROM doc_snapshot s USING newest WHERE s.organization_id = $1 AND s.doc_id = $2 AND s.upto_seq < newest.seq
  )
  DELETE FROM doc_update u USING newest WHERE u.organization_id = $1 AND u.doc_id = $2 AND u.seq <= newest.seq`

const SNAPSHOT = `
  INSERT INTO doc_snapshot (organization_id, doc_id, upto_seq, state, state_vector, created_at)
  VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))
  ON CONFLICT (organization_id, doc_id, upto_seq) DO NOTHING`

const WAKE = `
  INSERT INTO due (organization_id, kind, subject, due_at)
  SELECT $1, $3, id, to_timestamp($4::float8 / 1000) FROM doc
  WHERE organization_id = $1 AND meeting_id = $2 AND recurrence_id IS NOT NULL ORDER BY id
  ON CONFLICT (organization_id, kind, subject) DO UPDATE SET
    due_at = least(due.due_at, excluded.due_at), revision = due.revision + 1, attempts = 0, dead_at = NULL`
