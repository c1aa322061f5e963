import type { Connection } from './connection.ts'
import type { RealtimeDeps } from './deps.ts'
import type { Newsroom } from './newsroom.ts'

/** What a client sent, and what its answer needs. */
export interface Message {
  deps: Pick<RealtimeDeps, 'newId' | 'log' | 'rooms' | 'holds' | 'availability' | 'tracing'>
  newsroom: Newsroom
  connection: Connection
  name: unknown
  /** What the client sent after the name: a payload, then perhaps the ack's callback. */
  args: unknown[]
}
