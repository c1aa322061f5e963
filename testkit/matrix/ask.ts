import { SocketClient } from '../socket-client.ts'
import { DocClient } from '../doc-client.ts'
import { type Cell, outcomeOf } from './cells.ts'
import type { GraphRow } from './graph-row.ts'
import { PRINCIPALS, type Principal } from './grid.ts'
import type { Asked, RestRow } from './rest-row.ts'
import type { SocketRow } from './socket-rows.ts'
import type { Target } from './things.ts'
import type { Town } from './town.ts'

/** How each door is asked, and what its answer is called in a table. A refusal that is none by the contract is called by its fault. */

export async function askRest(town: Town, row: RestRow, { who, target }: Cell): Promise<string> {
  await row.before?.(town, target)
  const { status, headers, body } = await callRest(town, row, who, target)
  if (status < 300) return row.sight?.(body, target) ?? 'ok'
  const isProblem = headers.get('content-type') === 'application/problem+json' && body.status === status
  return isProblem ? outcomeOf(body.code, row.after) : `${status} without a problem`
}

export function callRest(town: Town, row: RestRow, who: Principal, target: Target) {
  const { params = { id: target.id }, query = {}, body, headers = {} }: Asked = row.ask?.(target, who, town) ?? {}
  const [method = '', path = ''] = row.operation.split(' ')
  const search = new URLSearchParams(query).toString()
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const wantsBody = method === 'POST' || method === 'PUT'
  return town.api.call(method, search === '' ? filled : `${filled}?${search}`, {
    token: town.tokens[who],
    ...(wantsBody && { body: body ?? {} }),
    headers,
  })
}

export async function askGraph(town: Town, row: GraphRow, { who, target }: Cell): Promise<string> {
  const { status, value, code } = await callGraph(town, row, who, target)
  if (code !== undefined) return outcomeOf(code, row.after)
  if (status !== 200 || value === undefined || value === null) return `${status} without a value`
  const { __typename: type, code: refused } = value as { __typename?: string; code?: string }
  if (type === 'NotAllowed') return outcomeOf(refused)
  return row.sight?.(value, target) ?? 'ok'
}

/** The value of the field, or the code of the first error. Of a subscription it is the first thing it says. */
export async function callGraph(town: Town, row: GraphRow, who: Principal, target: Target) {
  const [type = '', name = ''] = row.operation.split(' ')
  const isStream = type === 'subscription'
  const hangUp = new AbortController()
  const token = town.tokens[who]
  const answer = await town.graph.request({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(isStream && { accept: 'text/event-stream' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: `${type} { ${row.field(target, who, town)} }` }),
    signal: hangUp.signal,
  })
  const text = isStream ? await firstEvent(answer) : await answer.text()
  hangUp.abort()
  const { data, errors, code } = JSON.parse(text)
  return {
    status: answer.status,
    text,
    value: data?.[name] as unknown,
    code: (errors?.[0]?.extensions?.code ?? code) as string | undefined,
  }
}

/** The data of the first event that has any; the whole body where it is no stream. */
async function firstEvent(answer: Response): Promise<string> {
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true) return answer.text()
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    text += decoder.decode(value, { stream: true })
    const data = /^data: ?(\{.*\})$/m.exec(text)?.[1]
    if (data !== undefined || done) {
      await reader.cancel()
      return data ?? '{}'
    }
  }
}

/** One socket for each principal, or the code with which it was turned away. */
type Sockets = Map<Principal, SocketClient | string>

export async function openSockets(town: Town): Promise<Sockets & AsyncDisposable> {
  const sockets: Sockets = new Map()
  await Promise.all(
    PRINCIPALS.map(async (who) => {
      const client = new SocketClient({ url: town.url, token: town.tokens[who] as string })
      await client.until(() => client.socket.connected || client.refusals.length > 0, `the socket of ${who}`)
      const [refusal] = client.refusals
      sockets.set(who, refusal === undefined ? client : String(refusal.data?.code))
      if (refusal !== undefined) client.socket.disconnect()
    }),
  )
  return Object.assign(sockets, {
    async [Symbol.asyncDispose]() {
      for (const client of sockets.values()) if (typeof client !== 'string') await client[Symbol.asyncDispose]()
    },
  })
}

export async function askSocket(sockets: Sockets, row: SocketRow, { who, target }: Cell): Promise<string> {
  const client = sockets.get(who) as SocketClient | string
  if (typeof client === 'string') return outcomeOf(client)
  const ack = await client.ask(row.name, row.payload(target))
  if (!ack.ok) return outcomeOf(ack.problem?.code, row.after)
  return row.sight?.(ack, target) ?? 'ok'
}

/** What a person gets of a document: `read` by looking, `write` by typing. */
export async function askDocument(
  town: Town,
  who: Principal,
  target: Target,
): Promise<{ read: string; write: string }> {
  const token = town.tokens[who] ?? ''
  await using client = new DocClient({ url: town.url, docId: `meeting:${target.id}`, token, acks: true })
  await client.until(
    () => client.provider.synced || client.closes.some((code) => code >= 4_400),
    `the document of ${who}`,
  )
  const [closed] = client.closes
  if (closed !== undefined) {
    const outcome = { 4401: '401', 4403: '404' }[closed] ?? `closed with ${closed}`
    return { read: outcome, write: outcome }
  }
  const read = client.title.includes(target.mark) ? 'see' : 'bare'
  client.type('.')
  await client.until(() => client.acks.length + client.denials.length > 0, `the answer to ${who}'s edit`)
  return { read, write: client.denials.length > 0 ? 'read' : 'ok' }
}
