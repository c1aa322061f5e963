import { docIdOf } from '../../domain/documents/doc-ref.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { appendUpdates, lockDocs, readDoc } from './doc-log.ts'
import { captureUpdate, openYDoc, setText } from './yjs-doc.ts'

/**
 * Brings a title or description that came by another door into the meeting's document, as the smallest edit, so that what
 * people type there at the same time stays theirs. Nothing to do when it was never opened. The meeting's row is locked.
 */
export async function writeText(
  tx: OrganizationTx,
  { meetingId, authorId }: { meetingId: string; authorId: string },
  text: { title?: string | undefined; description?: string | undefined },
  now: Instant,
): Promise<void> {
  const docId = docIdOf({ meetingId })
  const [, stored] = await Promise.all([lockDocs(tx, [docId]), readDoc(tx, docId)])
  if (stored === undefined) return
  const doc = openYDoc(stored.updates)
  const payload = captureUpdate(doc, () => {
    if (text.title !== undefined) setText(doc.getText('title'), text.title)
    if (text.description !== undefined) setText(doc.getText('description'), text.description)
  })
  doc.destroy()
  if (payload !== undefined) await appendUpdates(tx, [{ docId, payload, authorIds: [authorId] }], now)
}
