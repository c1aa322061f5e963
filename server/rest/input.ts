import { z } from 'zod'
import { findZone } from '../../domain/time/zone.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { parseLocalTime } from '../../domain/time/local-time.ts'

/** Pieces of requests that many routes share. Everything user-given is bounded here. */

export const id = z.uuid().transform((value) => value.toLowerCase())
export const idParams = z.strictObject({ id })

/** One line of text a person wrote: no control characters (they break logs, mails and calendars). */
export function line(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\u0000-\u001f\u007f]*$/u, 'must not hold control characters')
    .refine(isText, NO_TEXT)
}

/** Several lines of text. */
export function text(maxLength: number) {
  return z.string().max(maxLength).refine(isText, NO_TEXT)
}

/** PostgreSQL keeps Unicode text without U+0000; JSON can say more than that. */
function isText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0')
}
const NO_TEXT = 'must not hold U+0000 or half of a surrogate pair'

export const email = z
  .email()
  .max(254)
  .transform((value) => value.toLowerCase())

export const timezone = z
  .string()
  .max(64)
  .refine((name) => findZone(name) !== undefined, {
    message: 'is not an IANA time zone',
    params: { code: 'invalid_timezone' },
  })

/** An instant with an offset. Times without one say nothing and are refused. */
export const instant = z
  .string()
  .max(40)
  .transform((value, context): Instant => {
    const at = parseInstant(value)
    if (at !== undefined) return at
    context.addIssue({
      code: 'custom',
      message: 'must be ISO 8601 with an offset, such as 2026-11-24T10:00:00Z',
      params: { code: 'invalid_time' },
    })
    return z.NEVER
  })

/** A meeting's time: an instant with any offset, or a wall clock in the meeting's zone. */
export const timeInput = z.union(
  [
    instant.transform((at) => ({ instant: at })),
    z.strictObject({ local: z.string().max(19), timezone: timezone.optional() }).transform((value, context) => {
      const local = parseLocalTime(value.local)
      if (local !== undefined) return { local, timezone: value.timezone }
      context.addIssue({
        code: 'custom',
        path: ['local'],
        message: 'must be a local time such as 2026-11-24T10:00',
        params: { code: 'invalid_time' },
      })
      return z.NEVER
    }),
  ],
  // undefined falls through to the common wording.
  { error: ({ input }) => (input === undefined ? undefined : TIME_WANTED) },
)
const TIME_WANTED =
  'must be an instant such as "2026-11-24T10:00:00Z", or an object such as { "local": "2026-11-24T10:00" }'

/** Such an escape, and not a backslash that is itself escaped before a u. */
const ESCAPED_NO_TEXT = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** JSON that clients keep with an entity: an object of bounded size. */
export const metadata = z
  .record(z.string().max(100), z.json())
  .refine((value) => JSON.stringify(value).length <= 16_384, 'must be at most 16 KiB of JSON')
  .refine((value) => !ESCAPED_NO_TEXT.test(JSON.stringify(value)), NO_TEXT)

export const version = z.int().min(1)

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
}

/** `?name=a&name=b` or `?name=a,b`, as its parts. */
export const listed = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().flatMap((part) => part.split(',')))

/** A list's position as an opaque string: the sort key of its last item. */
export function encodeCursor(key: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** undefined when the cursor was not made by `encodeCursor` with this shape. */
export function decodeCursor<T extends z.ZodType>(cursor: string, shape: T): z.output<T> | undefined {
  try {
    const text = Buffer.from(cursor, 'base64url').toString()
    const parsed = shape.safeParse(JSON.parse(text))
    // What PostgreSQL text cannot hold was never in a key of ours.
    return parsed.success && !ESCAPED_NO_TEXT.test(text) ? parsed.data : undefined
  } catch {
    return undefined
  }
}
