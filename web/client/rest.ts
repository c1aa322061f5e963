import type { Answer, Page } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { send } from './http.ts'

const PAGE = 500

/** The REST API as who holds these credentials sees it. Never throws: what went wrong is a `Problem`. */
export interface Rest {
  get: <T>(path: string) => Promise<Answer<T>>
  /** All items, page by page. */
  list: <T>(path: string) => Promise<Answer<T[]>>
  /** The same key makes a repeat harmless. */
  post: <T>(path: string, body: object, idempotencyKey: string) => Promise<Answer<T>>
  /** Given the version that was read, it is refused with 412 when that is not the present one any more. */
  change: <T>(
    method: 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: object | undefined,
    idempotencyKey: string,
    readVersion?: number,
  ) => Promise<Answer<T>>
}

export function createRest(credentials: Credentials): Rest {
  const rest: Rest = {
    get: (path) => authorised(path, {}),
    list: async <T>(path: string) => {
      const items: T[] = []
      let cursor: string | null = null
      do {
        const query: string = `${path.includes('?') ? '&' : '?'}limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`
        const page: Answer<Page<T>> = await rest.get(`${path}${query}`)
        if (!page.ok) return page
        items.push(...page.value.items)
        cursor = page.value.nextCursor
      } while (cursor !== null)
      return { ok: true, value: items }
    },
    post: (path, body, idempotencyKey) =>
      authorised(path, { method: 'POST', body: JSON.stringify(body), headers: { 'idempotency-key': idempotencyKey } }),
    change: (method, path, body, idempotencyKey, readVersion) =>
      authorised(path, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: {
          'idempotency-key': idempotencyKey,
          ...(readVersion !== undefined && { 'if-match': `"${readVersion}"` }),
        },
      }),
  }
  return rest

  async function authorised<T>(path: string, init: RequestInit): Promise<Answer<T>> {
    const first = await credentials.token()
    if (!first.ok) return first
    const answer = await send<T>(path, init, first.value)
    if (answer.ok || answer.problem.status !== 401) return answer
    // The token was good by our clock, which may be wrong.
    const second = await credentials.token(first.value)
    return second.ok ? send<T>(path, init, second.value) : second
  }
}
