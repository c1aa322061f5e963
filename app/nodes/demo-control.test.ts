import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createDemoControl } from './demo-control.ts'
import type { RunningNode } from './spawn-nodes.ts'

const OURS = 'the-demo'
/** Whom the api process knows, by token. */
const PEOPLE: Record<string, string> = {
  [tokenOf('owner', OURS)]: 'owner',
  [tokenOf('member', OURS)]: 'member',
  [tokenOf('stranger', 'another')]: 'owner',
}
const OWNER = `Bearer ${tokenOf('owner', OURS)}`
const JSON_TYPE = { 'content-type': 'application/json' }

let killed: string[]
beforeEach(() => {
  killed = []
})

describe('the demo’s control', () => {
  test('shows the processes and their sockets to an owner of the demo', async () => {
    const url = await control()
    const answer = await fetch(`${url}/demo/nodes`, { headers: { authorization: OWNER } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toEqual({
      items: [
        { id: 'api-1', role: 'api', pid: 11, sockets: 0 },
        { id: 'realtime-1', role: 'realtime', pid: 12, sockets: 7 },
      ],
    })
  })

  test('kills the process that is named, and says which it was', async () => {
    const answer = await kill(await control(), 'realtime-1', { authorization: OWNER, ...JSON_TYPE })
    expect(answer.status).toBe(202)
    expect(await answer.json()).toEqual({ id: 'realtime-1', pid: 12, signal: 'SIGKILL' })
    expect(killed).toEqual(['realtime-1'])
  })

  test.each<[string, string, Record<string, string>, number, string]>([
    ['nobody', 'realtime-1', JSON_TYPE, 401, 'unauthenticated'],
    ['a wrong token', 'realtime-1', { authorization: 'Bearer x', ...JSON_TYPE }, 401, 'unauthenticated'],
    ['a member', 'realtime-1', { authorization: `Bearer ${tokenOf('member', OURS)}`, ...JSON_TYPE }, 403, 'forbidden'],
    [
      'the owner of another organisation',
      'realtime-1',
      { authorization: `Bearer ${tokenOf('stranger', 'another')}`, ...JSON_TYPE },
      403,
      'forbidden',
    ],
    ['who names no process', 'realtime-9', { authorization: OWNER, ...JSON_TYPE }, 404, 'not_found'],
    ['a form', 'realtime-1', { authorization: OWNER, 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ])('refuses %s, and nothing happens', async (_who, id, headers, status, code) => {
    const answer = await kill(await control(), id, headers)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ code, requestId: 'request-id' })
    expect(killed).toEqual([])
  })

  test('leaves everything else to the processes', async () => {
    const url = await control()
    for (const path of ['/demo', '/demo/nodes/realtime-1', '/demo/nodesx', '/rooms']) {
      expect((await fetch(url + path)).status, path).toBe(418)
    }
  })

  test('without an api process nobody can be asked: 503', async () => {
    const url = await control([])
    expect((await fetch(`${url}/demo/nodes`, { headers: { authorization: OWNER } })).status).toBe(503)
  })
})

/** The control behind a server of its own, which answers 418 to what the control leaves. */
async function control(given?: RunningNode[]): Promise<string> {
  const api = await listening((authorization) => PEOPLE[authorization.replace('Bearer ', '')])
  const nodes: RunningNode[] = given ?? [
    { id: 'api-1', role: 'api', pid: 11, port: api },
    { id: 'realtime-1', role: 'realtime', pid: 12, port: 1 },
  ]
  const answer = createDemoControl({
    running: () => nodes,
    kill: (id) => killed.push(id) > 0,
    socketsOf: (id) => (id === 'realtime-1' ? 7 : 0),
    organizationId: OURS,
    newId: () => 'request-id',
  })
  const server = createServer((req, res) => {
    if (!answer(req, res)) res.writeHead(418).end()
  })
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An api process in miniature: it knows who asks, and nothing else. */
async function listening(roleOf: (authorization: string) => string | undefined): Promise<number> {
  const server = createServer((req, res) => {
    const role = roleOf(req.headers.authorization ?? '')
    res.writeHead(req.url !== '/auth/profile' ? 404 : role === undefined ? 401 : 200, JSON_TYPE)
    res.end(JSON.stringify({ id: 'somebody', role }))
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function kill(url: string, id: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${url}/demo/nodes/${id}/kill`, { method: 'POST', headers, body: '{}' })
}

function tokenOf(name: string, org: string): string {
  return `head.${Buffer.from(JSON.stringify({ sub: name, org })).toString('base64url')}.signature`
}
