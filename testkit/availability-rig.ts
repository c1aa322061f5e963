import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Logger, pino } from 'pino'
import { Registry } from 'prom-client'
import { holdCommands } from '../app/hold-commands.ts'
import { topicSources } from '../app/topic-sources.ts'
import type { RoleChange } from '../db/identity/revocations.ts'
import { instant } from '../domain/time/instant.ts'
import { openRelay } from '../jobs/relay.ts'
import { openAvailabilityDesk } from '../realtime/availability/desk.ts'
import type { RoomCommands } from '../realtime/deps.ts'
import { openDoors } from '../realtime/doors.ts'
import { openGateway } from '../realtime/gateway.ts'
import { Newsroom } from '../realtime/newsroom.ts'
import { uuid7 } from './api.ts'
import { type BookingOffice, openBookingOffice } from './booking-office.ts'
import { openPrivateRedis } from './redis.ts'
import { StandingClient } from './standing-client.ts'

export type LiveNode = Awaited<ReturnType<typeof openNode>>
export type AvailabilityRig = Awaited<ReturnType<typeof openAvailabilityRig>>

/** A booking office with the live tier behind it: its relay, and nodes as a test wants them. The office's clock stands. */
export async function openAvailabilityRig() {
  await using stack = new AsyncDisposableStack()
  const office = stack.use(await openBookingOffice())
  const redis = stack.use(await openPrivateRedis())
  const log: Logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' })
  const common = { redisUrl: redis.url, log, newId: () => uuid7(Date.now()) }
  const { url: databaseUrl, relay: pool } = office.api.database
  const now = () => instant(Date.now())
  stack.use(openRelay({ ...common, now, databaseUrl, pool, metrics: new Registry() }))
  const owned = stack.move()
  return {
    office,
    redis,
    node: (nodeId: string) => openNode(office, common, nodeId),
    /** Resolves when everything committed so far was given to the nodes. */
    async settle(): Promise<void> {
      for (;;) {
        const [row] = await office.query('SELECT EXISTS (SELECT FROM outbox WHERE position IS NULL) AS open')
        if (row?.['open'] === (false as never)) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function openNode(
  { api }: BookingOffice,
  common: { redisUrl: string; log: Logger; newId: () => string },
  nodeId: string,
) {
  await using stack = new AsyncDisposableStack()
  const roleChanges = new Set<(change: RoleChange) => void>()
  const { revocations } = api.identity
  const base = {
    ...common,
    pool: api.database.app,
    logPool: api.database.relay,
    metrics: new Registry(),
    nodeId,
    now: () => api.clock.now,
    authenticate: api.identity.authenticate,
    onRevoked: revocations.onRevoked.bind(revocations),
    onRoleChanged(listener: (change: RoleChange) => void) {
      roleChanges.add(listener)
      const end = revocations.onRoleChanged(listener)
      return () => {
        end()
        roleChanges.delete(listener)
      }
    },
    topicSources,
    rooms: {} as RoomCommands,
    holds: holdCommands({ ...api.deps, pool: api.database.app }),
  }
  const newsroom = stack.use(new Newsroom(base))
  const availability = stack.use(openAvailabilityDesk(base, newsroom))
  const gateway = stack.use(await openGateway({ ...base, availability }, newsroom))
  const server: Server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => void server.close())
  openDoors(server, [gateway])
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const opened = stack.move()
  return {
    url,
    newsroom,
    availability,
    changeRole: (change: RoleChange) => roleChanges.forEach((listener) => listener(change)),
    client: (token: string) => new StandingClient(url, token),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
