import type { IncomingMessage, ServerResponse } from 'node:http'
import { can } from '../../domain/identity/can.ts'
import type { Role } from '../../domain/identity/actor.ts'
import { type RefusalCode, refuse } from '../../domain/refusals.ts'
import { STATUS, problem } from '../../server/problems.ts'
import type { RunningNode } from './spawn-nodes.ts'

export interface DemoControlOptions {
  running: () => RunningNode[]
  /** False: there is no such node right now. */
  kill: (id: string) => boolean
  socketsOf: (id: string) => number
  /** Whose owners and admins may look and kill: the demo's. */
  organizationId: string
  newId: () => string
}

const PATH = /^\/demo\/nodes(?:\/([\w-]{1,64})\/kill)?$/
const ASK_MS = 3_000

/**
 * What the demo shows of its own processes, for the balancer to answer: `GET /demo/nodes` lists them with their sockets,
 * `POST /demo/nodes/:id/kill` (JSON) ends one with SIGKILL. Who calls is asked of an api process with the caller's own token.
 */
export function createDemoControl(options: DemoControlOptions): (req: IncomingMessage, res: ServerResponse) => boolean {
  return (req, res) => {
    const match = PATH.exec(req.url?.split('?', 1)[0] ?? '')
    if (match === null) return false
    req.resume()
    const requestId = options.newId()
    void decide(options, req, match[1]).then(
      ({ status, body }) => write(res, status, { ...body, ...(status >= 400 && { requestId }) }, requestId),
      () => write(res, STATUS.internal, problem(refuse('internal'), requestId), requestId),
    )
    return true
  }
}

interface Said {
  status: number
  body: object
}

async function decide(options: DemoControlOptions, req: IncomingMessage, nodeId?: string): Promise<Said> {
  const refusal = await refusalFor(options, req.headers.authorization)
  if (refusal !== undefined) return refused(refusal)
  if (req.method !== (nodeId === undefined ? 'GET' : 'POST')) return refused('method_not_allowed')
  if (nodeId === undefined) return { status: 200, body: { items: options.running().map(view) } }
  // Browsers send anything else to other sites without asking them first.
  if (!/^application\/json\b/i.test(req.headers['content-type'] ?? '')) return refused('unsupported_media_type')
  const node = options.running().find(({ id }) => id === nodeId)
  if (node === undefined || !options.kill(nodeId)) return refused('not_found')
  return { status: 202, body: { id: node.id, pid: node.pid, signal: 'SIGKILL' } }

  function view({ id, role, pid }: RunningNode): object {
    return { id, role, pid, sockets: options.socketsOf(id) }
  }
}

/** undefined: may do this. */
async function refusalFor(
  { running, organizationId }: DemoControlOptions,
  authorization: string | undefined,
): Promise<RefusalCode | undefined> {
  if (authorization === undefined) return 'unauthenticated'
  for (const { port } of running().filter(({ role }) => role === 'api')) {
    const answer = await fetch(`http://127.0.0.1:${port}/auth/profile`, {
      headers: { authorization },
      signal: AbortSignal.timeout(ASK_MS),
    }).catch(() => undefined)
    if (answer === undefined) continue
    if (answer.status === 401) return 'unauthenticated'
    if (!answer.ok) return answer.status < 500 ? 'forbidden' : 'unavailable'
    const { id: userId, role } = (await answer.json()) as { id: string; role: Role }
    const actor = { organizationId: organizationOf(authorization), userId, role, sessionId: '', requestId: '' }
    const isOurs = actor.organizationId === organizationId
    return isOurs && can(actor, 'update', { kind: 'organization' }) ? undefined : 'forbidden'
  }
  return 'unavailable'
}

/** The claim `org` of a token that an api process has just accepted. */
function organizationOf(authorization: string): string {
  const [, payload = ''] = authorization.split('.')
  try {
    return String((JSON.parse(Buffer.from(payload, 'base64url').toString()) as { org?: unknown }).org)
  } catch {
    return ''
  }
}

function refused(code: RefusalCode): Said {
  return { status: STATUS[code], body: problem(refuse(code), '') }
}

function write(res: ServerResponse, status: number, body: object, requestId: string): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  res.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Request-Id': requestId })
  res.end(JSON.stringify(body))
}
