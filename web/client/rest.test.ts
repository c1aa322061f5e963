import { afterEach, expect, test, vi } from 'vitest'
import { createRest } from './rest.ts'

afterEach(() => vi.unstubAllGlobals())

test('who says which version he has read sends it, quoted as an ETag is; who does not sends none', async () => {
  const sent: (string | null)[] = []
  vi.stubGlobal('fetch', async (_path: string, { headers }: RequestInit) => {
    sent.push(new Headers(headers).get('if-match'))
    return new Response(null, { status: 204 })
  })
  const rest = createRest({ token: async () => ({ ok: true, value: 'token' }), end: () => {} })
  await rest.change('PATCH', '/meetings/1', { title: 'New' }, 'key', 3)
  await rest.change('DELETE', '/meetings/1', undefined, 'key')
  expect(sent).toEqual(['"3"', null])
})
