import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Actor } from './actor.ts'
import { can } from './can.ts'
import type { DevicesDeps } from './device.ts'

/**
 * Ends what a panel may do, everywhere within a second; of a code that nobody has used yet, the code. Again: the same
 * answer. Refuses with `forbidden` or `not_found`.
 */
export async function revokeDevice(
  deps: DevicesDeps,
  actor: Actor,
  deviceId: string,
): Promise<Result<undefined, Refusal>> {
  if (!can(actor, 'update', { kind: 'device' })) return err(refuse('forbidden'))
  const now = deps.now()
  const revoked = await deps.transact(actor, now, async (tx) => {
    if (await tx.dropPairing(deviceId)) {
      await tx.record(actor, { events: [], audit: { action: 'device.withdraw', subjectId: deviceId } })
      return ok(undefined)
    }
    const device = await tx.load(deviceId)
    if (device === undefined) return err(refuse('not_found'))
    if (device.revokedAt !== null) return ok(device)
    const { roomId } = device
    await tx.revoke(device, now)
    await tx.record(actor, {
      events: [{ topic: `room:${roomId}`, type: 'device.revoked', data: { deviceId, roomId } }],
      audit: { action: 'device.revoke', subjectId: deviceId, detail: { roomId } },
    })
    return ok(device)
  })
  if (!revoked.ok) return revoked
  if (revoked.value !== undefined) deps.sessionEnded(revoked.value.sessionId)
  return ok(undefined)
}
