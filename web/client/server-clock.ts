/** How far the server's clock is ahead of this one: somewhere in `[least, most]` milliseconds. */
export interface Ahead {
  least: number
  most: number
}

/**
 * What one answer adds to what is known. `date` is its Date header, whole seconds cut off; the instants are this clock's.
 * A sample that contradicts what was known means that a clock was set: it alone counts.
 */
export function learn(known: Ahead | undefined, date: number, sentAt: number, receivedAt: number): Ahead {
  const sample = { least: date - receivedAt, most: date + SECOND_MS - sentAt }
  if (known === undefined) return sample
  const both = { least: Math.max(known.least, sample.least), most: Math.min(known.most, sample.most) }
  return both.least <= both.most ? both : sample
}

/** The difference to reckon with; none when the clocks may well agree: a busy server's Date is up to a second old. */
export function offsetOf(known: Ahead | undefined): number {
  if (known === undefined || (known.least <= 0 && known.most >= -SECOND_MS)) return 0
  return Math.round((known.least + known.most) / 2)
}

const SECOND_MS = 1_000
let ahead: Ahead | undefined

/** Every answer of the server says what time it is there. */
export function noteAnswer(date: string | null, sentAt: number): void {
  const at = Date.parse(date ?? '')
  if (!Number.isNaN(at)) ahead = learn(ahead, at, sentAt, Date.now())
}

/** Now, by the server's clock: a tablet's own may be minutes off. */
export function serverNow(): number {
  return toServerTime(Date.now())
}

/** An instant of this clock as the server would call it. */
export function toServerTime(at: number): number {
  return at + offsetOf(ahead)
}
