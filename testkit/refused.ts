import { expect } from 'vitest'
import type { Answer } from './api.ts'
import type { BookingOffice } from './booking-office.ts'

/** What betrays the inside of a server: stacks, SQL, drivers. */
const INSIDE = /node_modules|\.ts:\d|at \w+ \(|SELECT |INSERT |syntax error|violates|ECONN|zod/

/**
 * Judges refusals: problem+json with a stable code of the 4xx kind, nothing of the inside in it, and nothing written since the
 * last `wrote`.
 */
export async function watchRefusals(office: BookingOffice) {
  let standing = await office.counts()
  return {
    /** After something that may write. */
    async wrote(): Promise<void> {
      standing = await office.counts()
    },
    async refused(answer: Answer, codes?: string | string[], what = ''): Promise<void> {
      const { status, body, headers } = answer
      expect(status, what).toBeGreaterThanOrEqual(400)
      expect(status, what).toBeLessThan(500)
      expect(headers.get('content-type')).toBe('application/problem+json')
      expect(body).toMatchObject({ type: `/docs/problems#${body.code}`, status, requestId: expect.any(String) })
      expect(body.code).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(JSON.stringify(body), what).not.toMatch(INSIDE)
      if (codes !== undefined) expect([codes].flat(), what).toContain(body.code)
      expect(await office.counts(), what).toEqual(standing)
    },
  }
}
