import type { Answer } from './contract.ts'

/** What proves to the server who asks: a person's session, or a panel's pairing. */
export interface Credentials {
  /** A token that is good now; given one that was refused, another one, or why there is none. */
  token: (refused?: string) => Promise<Answer<string>>
  /** The server wants no more of it; `reason` is its sentence. */
  end: (reason?: string) => void
}
