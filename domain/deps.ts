import type { Instant } from './time/instant.ts'

/** What rules may not make themselves: time, identity, and the version of the zone data they were given. */
export interface Clock {
  now: () => Instant
}

export interface Ids {
  /** A fresh UUIDv7. */
  newId: () => string
}
