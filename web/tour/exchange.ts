import type { Problem } from '../client/contract.ts'
import type { Session } from '../client/session.ts'
import { Refused } from './refused.ts'

/** One request and its answer, to be shown as they were. */
export interface Exchange {
  method: string
  path: string
  body?: object
  /** 0: no answer came. */
  status: number
  /** JSON, or undefined where there is none. */
  answer: unknown
  /** The node that answered. */
  node: string | undefined
  /** As this page saw it, waiting for a free connection included. */
  ms: number
}

const TIMEOUT_MS = 30_000

/** Never throws: what went wrong is the answer. */
export async function exchange(method: string, path: string, token: string, body?: object): Promise<Exchange> {
  const asked = { method, path, ...(body && { body }) }
  const since = performance.now()
  try {
    const response = await fetch(path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await response.text()
    const node = response.headers.get('x-served-by') ?? undefined
    const answer: unknown = text === '' ? undefined : JSON.parse(text)
    return { ...asked, status: response.status, answer, node, ms: performance.now() - since }
  } catch {
    return { ...asked, status: 0, answer: undefined, node: undefined, ms: performance.now() - since }
  }
}

/** As the person who is signed in. Throws `Refused` when it is refused, so that a step ends with its sentence. */
export async function demand(session: Session, method: string, path: string, body?: object): Promise<Exchange> {
  const token = await session.token()
  if (!token.ok) throw new Refused(token.problem)
  const said = await exchange(method, path, token.value, body)
  if (said.status >= 200 && said.status < 300) return said
  const nothing = { status: said.status, code: 'unreachable', detail: 'No answer came.' }
  throw new Refused({ ...nothing, ...(said.answer as Partial<Problem> | undefined) })
}

/** The same request for a terminal; `$TOKEN` is what `loginWords` puts there. */
export function curlOf({ method, path, body }: Exchange): string {
  const lines = [
    `curl -s -X ${method} '${location.origin}${path}'`,
    `-H "authorization: Bearer $TOKEN"`,
    ...(body
      ? [`-H 'content-type: application/json'`, `-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`]
      : []),
  ]
  return lines.join(' \\\n  ')
}

/** What puts an access token into `$TOKEN`. */
export function loginWords(email: string, password: string): string {
  const body = JSON.stringify({ email, password })
  return [
    `TOKEN=$(curl -s ${location.origin}/auth/login -H 'content-type: application/json' \\`,
    `  -d '${body}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')`,
  ].join('\n')
}
