import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { agendaEntry } from '../../domain/meetings/meeting-news.ts'
import { type Instant, DAY_MS, plus } from '../../domain/time/instant.ts'
import { type OccurrenceRow, occurrenceOf } from '../meetings/meetings-rows.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import type { OrganizationTx } from '../transaction.ts'
import { findUser } from './people-tx.ts'

const AGENDA_MS = 7 * DAY_MS
const MAX_ENTRIES = 2_000

/** The state of topic `person:<id>`: seven days of the person's meetings, which only he himself may watch. */
export async function agendaState(
  tx: OrganizationTx,
  actor: Actor,
  userId: string,
  now: Instant,
  need: 'state' | 'access',
): Promise<object | undefined> {
  if (!can(actor, 'watch', { kind: 'user', userId })) return undefined
  // It is himself, and he has a session: nothing else is to be asked.
  if (need === 'access') return {}
  const [user, { rows }] = await Promise.all([
    findUser(tx, userId),
    tx.query<AgendaRow>('agenda', AGENDA, [
      tx.organizationId,
      userId,
      now,
      plus(now, AGENDA_MS),
      LONGEST_BLOCK_MS / 1000,
      MAX_ENTRIES,
    ]),
  ])
  if (user === undefined) return undefined
  const entries = rows.map((row) => agendaEntry({ id: row.meeting_id, title: row.title }, occurrenceOf(row)))
  return { userId, entries }
}

interface AgendaRow extends OccurrenceRow {
  meeting_id: string
  title: string
}

const AGENDA = `
  SELECT a.meeting_id, m.title, a.recurrence_id, a.starts_at, a.ends_at, o.status, o.override
  FROM allocation a
  JOIN occurrence o ON o.organization_id = $1 AND o.meeting_id = a.meeting_id AND o.recurrence_id = a.recurrence_id
  JOIN meeting m ON m.organization_id = $1 AND m.id = a.meeting_id
  WHERE a.organization_id = $1 AND a.resource_id = $2
    AND a.starts_at < to_timestamp($4::float8 / 1000) AND a.ends_at > to_timestamp($3::float8 / 1000)
    AND a.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
  ORDER BY a.starts_at
  LIMIT $6`
