import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Device, DeviceRoom, DevicesDeps } from './device.ts'
import type { Client } from './sign-in.ts'

export interface ClaimDevice {
  code: string
  client: Client
}

export interface ClaimedDevice {
  device: Device
  room: DeviceRoom
  /** Opens its room's doors until the device is revoked. */
  deviceToken: string
}

/** Uses a pairing code up: the panel that has it is the room's. Everything else is `pairing_code_invalid`. */
export async function claimDevice(
  deps: DevicesDeps,
  { code, client }: ClaimDevice,
): Promise<Result<ClaimedDevice, Refusal>> {
  const now = deps.now()
  const found = await deps.findPairing(code, now)
  if (found === undefined) return err(refuse('pairing_code_invalid'))
  const { id, organizationId } = found
  const claimed = await deps.transact({ organizationId, userId: id }, now, async (tx) => {
    const pairing = await tx.takePairing(code, now)
    if (pairing === undefined) return err(refuse('pairing_code_invalid'))
    const { roomId, name, createdBy } = pairing
    const room = await tx.findRoom(roomId)
    if (room === undefined || !room.isActive) return err(refuse('pairing_code_invalid'))
    const times = { pairedAt: now, lastSeenAt: now, revokedAt: null }
    const device: Device = { id: pairing.id, roomId, name, sessionId: deps.newId(), ...times }
    await tx.insertDevice(device, room, client.userAgent)
    await tx.record(
      { userId: device.id, sessionId: device.sessionId, requestId: client.requestId },
      {
        events: [{ topic: `room:${roomId}`, type: 'device.paired', data: { deviceId: device.id, roomId } }],
        audit: { action: 'device.pair', subjectId: device.id, detail: { roomId, pairedBy: createdBy } },
      },
    )
    return ok({ device, room })
  })
  if (!claimed.ok) return claimed
  const { device } = claimed.value
  const deviceToken = await deps.deviceToken({ ...device, organizationId })
  return ok({ ...claimed.value, deviceToken })
}
