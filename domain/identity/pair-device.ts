import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, plus } from '../time/instant.ts'
import type { Actor } from './actor.ts'
import { can } from './can.ts'
import { type DevicesDeps, type DevicesTx, MAX_OPEN_PAIRINGS, PAIRING_MS, type Pairing } from './device.ts'

export interface PairDevice {
  roomId: string
  /** What to call the panel; the room's name without one. */
  name: string | undefined
}

/** Collisions are rare while few codes are open. */
const MAX_TRIES = 5

/**
 * A code of six digits that makes one panel the room's, once, within ten minutes. Refuses with `forbidden`,
 * `unknown_reference` (no such room in use) or `too_many_requests` (too many codes are open).
 */
export async function pairDevice(
  deps: DevicesDeps,
  actor: Actor,
  { roomId, name }: PairDevice,
): Promise<Result<Pairing & { code: string }, Refusal>> {
  if (!can(actor, 'create', { kind: 'device' })) return err(refuse('forbidden'))
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const room = await tx.findRoom(roomId)
    if (room === undefined || !room.isActive) return err(unknownRoom())
    const open = await tx.openPairings(now)
    if (open.count >= MAX_OPEN_PAIRINGS) return err(tooManyOpen(open.nextEnd ?? now, now))

    const expiresAt = plus(now, PAIRING_MS)
    const pairing: Pairing = { id: deps.newId(), roomId, name: name ?? room.name, createdBy: actor.userId, expiresAt }
    const code = await insertUnderFreeCode(deps, tx, pairing, now)
    if (code === undefined) return err(refuse('unavailable'))
    await tx.record(actor, {
      events: [],
      audit: { action: 'device.offer', subjectId: pairing.id, detail: { roomId } },
    })
    return ok({ ...pairing, code })
  })
}

async function insertUnderFreeCode(
  deps: DevicesDeps,
  tx: DevicesTx,
  pairing: Pairing,
  now: Instant,
): Promise<string | undefined> {
  for (let i = 0; i < MAX_TRIES; i++) {
    const code = deps.newPairingCode()
    if (await tx.insertPairing(pairing, code, now)) return code
  }
  return undefined
}

function unknownRoom(): Refusal {
  const detail = 'There is no such room in use.'
  return refuse('unknown_reference', detail, { errors: [{ pointer: '/roomId', detail }] })
}

function tooManyOpen(nextEnd: Instant, now: Instant): Refusal {
  const retryAfterSeconds = Math.max(1, Math.ceil((nextEnd - now) / 1000))
  return refuse('too_many_requests', `At most ${MAX_OPEN_PAIRINGS} pairing codes are open at a time.`, {
    retryAfterSeconds,
  })
}
