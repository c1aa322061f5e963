import { MINUTE_MS, SECOND_MS } from '../domain/time/instant.ts'

/** Some 45 minutes of trying: longer than a restart or a short outage elsewhere, short enough to be noticed the same day. */
export const MAX_ATTEMPTS = 12
const FIRST_DELAY_MS = 2 * SECOND_MS
const MAX_DELAY_MS = 15 * MINUTE_MS
/** What failed together must not come back together. */
const JITTER = 0.25

const MAX_ERROR_CHARS = 200

/** How long to wait after the `failures`th failure in a row; undefined: give up. `random` is in [0, 1). */
export function backoffMs(failures: number, random: number): number | undefined {
  if (failures >= MAX_ATTEMPTS) return undefined
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS)
  return Math.round(delay * (1 + JITTER * (2 * random - 1)))
}

/**
 * What is kept and shown of an error: its name, its code and its first words. Whatever could be an address, a login in a
 * URL or a token is taken out.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no Error was thrown'
  const code = (error as { code?: unknown }).code
  const words = error.message.replaceAll(/\S*@\S*/g, '…').replaceAll(/[\w+/=-]{24,}/g, '…')
  return `${error.name}${typeof code === 'string' ? ` ${code}` : ''}: ${words}`.slice(0, MAX_ERROR_CHARS)
}
