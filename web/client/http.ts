import type { Answer, Problem } from './contract.ts'
import { noteAnswer } from './server-clock.ts'

/** Longer than the server waits for its store; shorter than people do. */
const TIMEOUT_MS = 15_000

/** One request; public paths need no token. */
export async function send<T>(path: string, init: RequestInit, token?: string): Promise<Answer<T>> {
  const headers = new Headers(init.headers)
  if (init.body !== undefined && init.body !== null) headers.set('content-type', 'application/json')
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const sentAt = Date.now()
  try {
    const response = await fetch(path, { ...init, headers, signal: init.signal ?? AbortSignal.timeout(TIMEOUT_MS) })
    noteAnswer(response.headers.get('date'), sentAt)
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
