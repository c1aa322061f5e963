/** One mail, ready to be handed in. Addresses are bare; everything is text, nothing of it is trusted as a header. */
export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  /** The part before the @ of its Message-ID: the same for every try. */
  id: string
}

/**
 * What became of a mail: taken; surely not taken, and whether trying again makes sense; or nobody can know (the connection was
 * lost after the text went out).
 */
export type HandedIn =
  | { outcome: 'sent' }
  | { outcome: 'refused'; forGood: boolean; reason: string }
  | { outcome: 'unknown'; reason: string }

/** Hands one mail to whoever delivers it. Never throws for what the other side does. */
export type HandIn = (mail: Mail, signal: StopSignal) => Promise<HandedIn>

/** What an AbortSignal is, where there are no machines. */
export interface StopSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}
