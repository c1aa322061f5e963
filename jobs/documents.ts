import { type DocumentsStoreDeps, createDocumentsStore } from '../db/documents/documents-tx.ts'
import { parseDocId } from '../domain/documents/doc-ref.ts'
import { projectDocument } from '../domain/documents/project-document.ts'
import { DOCUMENT_JOB } from '../domain/documents/projection.ts'
import type { SingleJob } from './job.ts'

/** News after which a document shows another time, room or status than its meeting has. */
const SHOWN = ['meeting.updated', 'meeting.cancelled']

/** Keeps what is read of documents elsewhere: titles, descriptions, search text; makes their snapshots. */
export function createDocumentJob(deps: DocumentsStoreDeps): SingleJob {
  const store = createDocumentsStore(deps)
  return {
    kind: DOCUMENT_JOB,
    async run({ organizationId, subject }) {
      const ref = parseDocId(subject)
      if (ref === undefined) return undefined
      return projectDocument(store, { organizationId, ref, requestId: `${DOCUMENT_JOB} ${subject}` })
    },
    wakenBy: ({ topic, type }, now) =>
      topic.startsWith('meeting:') && SHOWN.includes(type) ? [{ subject: topic, dueAt: now }] : [],
  }
}
