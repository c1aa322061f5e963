import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type UpgradeGuard, createUpgradeGuard } from './upgrade-guard.ts'

/** What answers the WebSocket upgrades below one path. Disposing says goodbye to its clients; until then it refuses newcomers. */
export interface Door extends AsyncDisposable {
  /** A prefix of the path. */
  path: string
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Leads each upgrade past the guard to its door; any other path is refused. */
export function openDoors(server: Server, doors: readonly Door[], guard: UpgradeGuard = createUpgradeGuard()): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Whoever hangs up half way must not end the process.
    socket.on('error', () => {})
    const door = doors.find(({ path }) => request.url?.startsWith(path))
    const refused = door === undefined ? 404 : guard(request)
    if (door === undefined || refused !== undefined) refuseUpgrade(socket, refused ?? 404)
    else door.upgrade(request, socket, head)
  })
}

const REASONS = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' } as const

export function refuseUpgrade(socket: Duplex, status: keyof typeof REASONS): void {
  const retry = status === 503 ? 'Retry-After: 1\r\n' : ''
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}
