import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { listenProblem } from './start-problem.ts'

/** A port of 127.0.0.1 nobody listens on. It may be taken before it is used: whoever uses it must be ready to ask again. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Throws a `StartProblem` when `port` cannot be had, so that a start says so before it has started anything. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw listenProblem(error, host, port) ?? error
  }
  server.close()
  await once(server, 'close')
}
