/** The roles a user of an organisation can have. */
export const ROLES = ['owner', 'admin', 'room_manager', 'member', 'guest', 'auditor', 'panel'] as const
export type Role = (typeof ROLES)[number]

/** Who acts, in which organisation. Every door makes one of these before it does anything else. */
export interface Actor {
  organizationId: string
  /** Whose rights count, and whose name stands on what is done. */
  userId: string
  role: Role
  /** Who really acts, when it is a delegate of `userId`; `role` is then the lower of both, and the session is the delegate's. */
  delegateId?: string | undefined
  sessionId: string
  /** Of a panel: the one room it stands beside. */
  roomId?: string | undefined
  /** Echoed in every answer and audit row. */
  requestId: string
  /** W3C traceparent of the request, when traces are made: the news of the command carries it on. */
  trace?: string | undefined
  /** Set when the client sent an Idempotency-Key: the command has one effect, a repeat gets the same value. */
  idempotency?: Idempotency
}

export interface Idempotency {
  key: string
  /** Method and path, or the socket command: a key is remembered per actor and operation. */
  operation: string
  /** Hash of the parsed request: the same key with another request is refused. */
  fingerprint: string
}
