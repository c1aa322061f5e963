import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { ApiEnv } from './api-env.ts'
import { traceRequests } from './trace-requests.ts'

const REQUEST_ID = '01935b0c-7a40-7000-8000-0123456789ab'
const GIVEN = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** Without tracing; the body is the id that logs get. */
async function answer(traceparent?: string) {
  const app = new Hono<ApiEnv>()
    .use(async (c, next) => {
      c.set('requestId', REQUEST_ID)
      await next()
    })
    .use(traceRequests({}))
    .get('/', (c) => c.text(String(c.get('traceId'))))
  const headers: Record<string, string> = traceparent === undefined ? {} : { traceparent }
  const given = await app.request('/', { headers })
  return { header: given.headers.get('traceparent'), traceId: await given.text() }
}

test('a caller gets his own trace back', async () => {
  expect(await answer(GIVEN)).toEqual({ header: GIVEN, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' })
})

test('whoever sends none gets one that is named after the request', async () => {
  const { header, traceId } = await answer()
  expect(header).toMatch(/^00-01935b0c7a40700080000123456789ab-[0-9a-f]{16}-00$/)
  expect(traceId).toBe('01935b0c7a40700080000123456789ab')
})

test.each([
  '',
  'x',
  GIVEN.toUpperCase(),
  GIVEN.replace('00-', 'ff-'),
  `${GIVEN}-more`,
  GIVEN.replace(/[0-9a-f]{32}/, '0'.repeat(32)),
  GIVEN.replace('00f067aa0ba902b7', '0'.repeat(16)),
  `01-${GIVEN.slice(3)}-${'x'.repeat(200)}`,
])('what is no traceparent is not given back: %s', async (given) => {
  expect((await answer(given)).header).toMatch(/^00-01935b0c7a40/)
})
