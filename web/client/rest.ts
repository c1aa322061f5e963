import type { Answer, Page, Problem } from './contract.ts'
import type { Session } from './session.ts'

/** Longer than the server waits for its store; shorter than people do. */
const TIMEOUT_MS = 15_000
const PAGE = 500

/** The REST API as this session sees it. Never throws: what went wrong is a `Problem`. */
export interface Rest {
  get: <T>(path: string) => Promise<Answer<T>>
  /** All items, page by page. */
  list: <T>(path: string) => Promise<Answer<T[]>>
  /** The same key makes a repeat harmless. */
  post: <T>(path: string, body: object, idempotencyKey: string) => Promise<Answer<T>>
}

export function createRest(session: Session): Rest {
  const rest: Rest = {
    get: (path) => authorised(path, {}),
    list: async <T>(path: string) => {
      const items: T[] = []
      let cursor: string | null = null
      do {
        const query = `${path.includes('?') ? '&' : '?'}limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`
        const page: Answer<Page<T>> = await rest.get(`${path}${query}`)
        if (!page.ok) return page
        items.push(...page.value.items)
        cursor = page.value.nextCursor
      } while (cursor !== null)
      return { ok: true, value: items }
    },
    post: (path, body, idempotencyKey) =>
      authorised(path, { method: 'POST', body: JSON.stringify(body), headers: { 'idempotency-key': idempotencyKey } }),
  }
  return rest

  async function authorised<T>(path: string, init: RequestInit): Promise<Answer<T>> {
    const first = await session.token()
    if (!first.ok) return first
    const answer = await send<T>(path, init, first.value)
    if (answer.ok || answer.problem.status !== 401) return answer
    // The token was good by our clock, which may be wrong.
    const second = await session.token(first.value)
    return second.ok ? send<T>(path, init, second.value) : second
  }
}

/** One request; public paths need no token. */
export async function send<T>(path: string, init: RequestInit, token?: string): Promise<Answer<T>> {
  const headers = new Headers(init.headers)
  if (init.body !== undefined && init.body !== null) headers.set('content-type', 'application/json')
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  try {
    const response = await fetch(path, { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (response.status === 204) return { ok: true, value: undefined as T }
    const body: unknown = await response.json()
    return response.ok ? { ok: true, value: body as T } : { ok: false, problem: problemOf(body, response.status) }
  } catch {
    return { ok: false, problem: UNREACHABLE }
  }
}

const UNREACHABLE: Problem = {
  status: 0,
  code: 'unreachable',
  detail: 'The server cannot be reached at the moment. Check the connection and try again.',
}

function problemOf(body: unknown, status: number): Problem {
  const given = typeof body === 'object' && body !== null ? (body as Partial<Problem>) : {}
  return { ...given, status, code: given.code ?? 'unknown', detail: given.detail ?? `The server answered ${status}.` }
}
