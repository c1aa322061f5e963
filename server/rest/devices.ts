import { z } from 'zod'
import { listDevices } from '../../db/identity/devices.ts'
import { can } from '../../domain/identity/can.ts'
import { claimDevice } from '../../domain/identity/claim-device.ts'
import type { Device, DevicesDeps } from '../../domain/identity/device.ts'
import { pairDevice } from '../../domain/identity/pair-device.ts'
import { revokeDevice } from '../../domain/identity/revoke-device.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { id, idParams, line, pageQuery } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

export interface DeviceRoutesDeps extends ApiDeps {
  identity: { devices: DevicesDeps }
}

const code = z.string().regex(/^\d{6}$/, 'must be six digits')
const instantAnswer = z.iso.datetime()

/** Panels beside rooms: paired with a code, listed and sent away by who manages rooms. */
export function devicesRoutes(deps: DeviceRoutesDeps): Route[] {
  const { devices } = deps.identity
  return [
    route({
      method: 'POST',
      path: '/auth/devices/pair',
      summary: 'A code for one panel of a room: six digits, ten minutes, one use',
      body: z.strictObject({ roomId: id, name: line(100).optional() }),
      answers: z.object({ id: z.uuid(), roomId: z.uuid(), code: z.string(), expiresAt: instantAnswer }),
      locate: mayManage,
      handle: async ({ actor, body }) => {
        const paired = await pairDevice(devices, actor, { roomId: body.roomId, name: body.name })
        if (!paired.ok) return paired
        const { id: deviceId, roomId, code: shown, expiresAt } = paired.value
        const answer = { id: deviceId, roomId, code: shown, expiresAt: formatInstant(expiresAt) }
        return ok({ status: 201, body: answer, location: `/auth/devices/${deviceId}` })
      },
    }),
    route({
      method: 'POST',
      path: '/auth/devices/claim',
      summary: 'Use a code up: who sends it is the room’s panel, until it is revoked',
      public: true,
      attempts: { kind: 'claim' },
      body: z.strictObject({ code }),
      answers: z.object({
        device: z.object({
          id: z.uuid(),
          roomId: z.uuid(),
          name: z.string(),
          room: z.object({ id: z.uuid(), name: z.string() }),
        }),
        deviceToken: z.string(),
      }),
      handle: async ({ actor, body, client }) => {
        const by = { requestId: actor.requestId, userAgent: client.userAgent }
        const claimed = await claimDevice(devices, { code: body.code, client: by })
        if (!claimed.ok) return claimed
        const { device, room, deviceToken } = claimed.value
        const { id: deviceId, roomId, name } = device
        const shown = { id: deviceId, roomId, name, room: { id: room.id, name: room.name } }
        return ok({ status: 201, body: { device: shown, deviceToken }, location: `/auth/devices/${deviceId}` })
      },
    }),
    route({
      method: 'GET',
      path: '/auth/devices',
      summary: 'Panels in the order of their pairing, revoked ones too',
      query: z.strictObject(pageQuery),
      answers: z.object({
        items: z.array(
          z.object({
            id: z.uuid(),
            roomId: z.uuid(),
            name: z.string(),
            pairedAt: instantAnswer,
            lastSeenAt: instantAnswer,
            revokedAt: instantAnswer.nullable(),
          }),
        ),
        nextCursor: z.string().nullable(),
      }),
      locate: mayManage,
      handle: async ({ actor, query }) => {
        if (!can(actor, 'read', { kind: 'device' })) return err(refuse('forbidden'))
        return pageAnswer(query, {
          key: z.tuple([z.uuid()]),
          keyOf: (device: Device) => [device.id],
          view: deviceView,
          read: ({ limit, after }) => listDevices(deps.pool, actor.organizationId, { limit, after: after?.[0] }),
        })
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/devices/:id',
      summary: 'End what a panel may do, on every node within a second. Again: 204',
      params: idParams,
      locate: mayManage,
      handle: async ({ actor, params }) => {
        const revoked = await revokeDevice(devices, actor, params.id)
        return revoked.ok ? ok({ status: 204 }) : revoked
      },
    }),
  ]
}

async function mayManage(actor: Actor): Promise<Refusal | undefined> {
  return can(actor, 'read', { kind: 'device' }) ? undefined : refuse('forbidden')
}

function deviceView({ id: deviceId, roomId, name, pairedAt, lastSeenAt, revokedAt }: Device): object {
  return {
    id: deviceId,
    roomId,
    name,
    pairedAt: formatInstant(pairedAt),
    lastSeenAt: formatInstant(lastSeenAt),
    revokedAt: revokedAt === null ? null : formatInstant(revokedAt),
  }
}
