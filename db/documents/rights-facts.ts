import { type DocRef } from '../../domain/documents/doc-ref.ts'
import type { Resource, Visibility } from '../../domain/identity/can.ts'
import { isInvited, visibilityOf } from '../meetings/occurrence-sight.ts'
import type { OrganizationTx } from '../transaction.ts'

/** What rights in a document are decided by; undefined when there is no such meeting or occurrence. */
export async function readRightsFacts(
  tx: OrganizationTx,
  { meetingId, recurrenceId }: DocRef,
): Promise<Extract<Resource, { kind: 'meeting' }> | undefined> {
  const { rows } = await tx.query<FactsRow>('doc-rights', FACTS, [tx.organizationId, meetingId, recurrenceId ?? null])
  const [row] = rows
  if (row === undefined) return undefined
  const { visibility, organizer_id: organizerId, participant_ids: participantIds } = row
  return { kind: 'meeting', visibility, organizerId, participantIds }
}

interface FactsRow {
  visibility: Visibility
  organizer_id: string
  participant_ids: string[]
}

const FACTS = `
  SELECT ${visibilityOf('o')} AS visibility, m.organizer_id, ARRAY(
    SELECT p.user_id FROM participant p
    WHERE p.organization_id = $1 AND p.meeting_id = m.id AND p.user_id IS NOT NULL AND ${isInvited('o', 'p')}
  ) AS participant_ids
  FROM meeting m
  LEFT JOIN occurrence o ON o.organization_id = $1 AND o.meeting_id = m.id AND o.recurrence_id = $3
  WHERE m.organization_id = $1 AND m.id = $2 AND ($3::text IS NULL OR o.recurrence_id IS NOT NULL)`
