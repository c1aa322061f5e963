import { type HoldView, type OwnHoldView, holdView, ownHoldView } from '../../domain/holds/hold.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { type HoldRow, holdOf } from './holds-rows.ts'
import { HOLDS_OF_OWNER, SELECT_HOLD } from './holds-sql.ts'

/** What a topic `holds:<id>` shows: what holds that room, that person, or a room of that floor. */
export interface HoldsState {
  holds: HoldView[]
}

type Subject = 'room' | 'floor' | 'person'

/** Far more than people place in ten minutes on one floor. */
const MAX_SHOWN = 1_000
/** A sweep's worth: the rest comes with the next one. */
const MAX_FOUND = 1_000

/** The state of topic `holds:<room, person or floor>`: never whose a hold is; of rooms and floors their rooms only. */
export async function holdsState(
  tx: OrganizationTx,
  actor: Actor,
  id: string,
  now: Instant,
  need: 'state' | 'access',
): Promise<HoldsState | undefined> {
  const subject = await subjectOf(tx, id)
  if (subject === undefined || !mayWatch(actor, subject, id)) return undefined
  if (need === 'access') return { holds: [] }
  const values = [tx.organizationId, id, now, MAX_SHOWN]
  const { rows } = await tx.query<HoldRow>(`holds-of-${subject}`, HOLDS_ON(RESOURCES[subject]), values)
  return {
    holds: rows.map((row) => {
      const hold = holdOf(row)
      return holdView(hold, subject === 'person' ? hold.claims : hold.claims.filter((c) => c.resourceKind === 'room'))
    }),
  }
}

/** His own that still hold, the first to end first. */
export async function ownHolds(tx: OrganizationTx, actor: Actor, now: Instant): Promise<OwnHoldView[]> {
  const { rows } = await tx.query<HoldRow>('holds-of-owner', HOLDS_OF_OWNER, [tx.organizationId, actor.userId])
  const live = rows.map(holdOf).filter((hold) => hold.expiresAt > now)
  return live.toSorted((a, b) => a.expiresAt - b.expiresAt).map(ownHoldView)
}

/** Holds that are over and whose end nothing has made due. */
export async function forgottenHolds(tx: OrganizationTx, job: string, now: Instant): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>('holds-forgotten', FORGOTTEN, [
    tx.organizationId,
    now,
    job,
    MAX_FOUND,
  ])
  return rows.map((row) => row.id)
}

/** Rooms and floors like their own topics; a person's by whoever may know of people. */
function mayWatch(actor: Actor, subject: Subject, id: string): boolean {
  if (subject === 'room') return can(actor, 'watch', { kind: 'room', roomId: id })
  return can(actor, 'watch', { kind: subject === 'floor' ? 'floor' : 'hold' })
}

async function subjectOf(tx: OrganizationTx, id: string): Promise<Subject | undefined> {
  const { rows } = await tx.query<{ subject: Subject }>('holds-subject', SUBJECT, [tx.organizationId, id])
  return rows[0]?.subject
}

const SUBJECT = `
  SELECT 'room' AS subject FROM room WHERE organization_id = $1 AND id = $2
  UNION ALL SELECT 'person' FROM users WHERE organization_id = $1 AND id = $2
  UNION ALL SELECT 'floor' FROM floor WHERE organization_id = $1 AND id = $2`

const RESOURCES: Record<Subject, string> = {
  room: '$2',
  person: '$2',
  floor: '(SELECT r.id FROM room r WHERE r.organization_id = $1 AND r.floor_id = $2)',
}

const HOLDS_ON = (resources: string) => `
  ${SELECT_HOLD} AND h.expires_at > to_timestamp($3::float8 / 1000) AND EXISTS (
    SELECT FROM allocation a WHERE a.organization_id = $1 AND a.hold_id = h.id AND a.resource_id IN (${resources}))
  ORDER BY h.starts_at, h.id LIMIT $4`

const FORGOTTEN = `
  SELECT h.id FROM hold h
  WHERE h.organization_id = $1 AND h.expires_at <= to_timestamp($2::float8 / 1000)
    AND NOT EXISTS (SELECT FROM due d WHERE d.organization_id = $1 AND d.kind = $3 AND d.subject = h.id::text)
  LIMIT $4`
