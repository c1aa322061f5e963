import { once } from 'node:events'
import {
  createServer,
  request,
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../embedded/free-port.ts'
import { type Balancer, type BalancerOptions, openBalancer, type Target } from './balancer.ts'

describe('the balancer', () => {
  test('takes api processes in turn, and sends socket paths to realtime processes', async () => {
    const url = await balanced([await node('api-1'), await node('api-2'), await node('realtime-1', 'realtime')])
    expect([await get(`${url}/rooms`), await get(`${url}/rooms`), await get(`${url}/rooms`)]).toEqual([
      'api-1',
      'api-2',
      'api-1',
    ])
    expect(await get(`${url}/socket.io/?EIO=4`)).toBe('realtime-1')
    expect(await get(`${url}/yjs/meeting:1`)).toBe('realtime-1')
    expect(await get(`${url}/yjsx`)).toMatch(/^api/)
    expect(await get(`${url}/graphql?query=x`)).toMatch(/^api/)
    const accept = { accept: 'application/json, text/event-stream' }
    expect(await (await fetch(`${url}/graphql?query=x`, { headers: accept })).text()).toBe('realtime-1')
  })

  test('streams a body through, with status, repeated headers and who asked', async () => {
    let seen: IncomingMessage['headers'] = {}
    const target = await node('api-1', 'api', (req, res) => {
      seen = req.headers
      res.writeHead(
        201,
        [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ].flat(),
      )
      req.pipe(res)
    })
    const url = await balanced([target])
    const body = 'x'.repeat(3_000_000)
    const answer = await fetch(`${url}/rooms`, { method: 'POST', body, headers: { 'X-Forwarded-For': '10.0.0.9' } })
    expect(answer.status).toBe(201)
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect((await answer.text()).length).toBe(body.length)
    expect(seen).toMatchObject({ 'x-forwarded-for': '10.0.0.9, 127.0.0.1', 'x-forwarded-proto': 'http' })
    expect(seen['x-forwarded-host']).toBe(new URL(url).host)
  })

  test('shows the head of a stream before its first part', async () => {
    const target = await node('api-1', 'api', (_, res) => res.writeHead(200).flushHeaders())
    const answer = await fetch(await balanced([target]))
    expect(answer.status).toBe(200)
    await answer.body?.cancel()
  })

  test('tries what reached nobody on the next process, body and all', async () => {
    const gone: Target = { id: 'api-1', role: 'api', port: await freePort() }
    const url = await balanced([gone, await node('api-2', 'api', (req, res) => req.pipe(res))])
    for (const body of ['one', 'two', 'three']) {
      expect(await (await fetch(url, { method: 'POST', body })).text()).toBe(body)
    }
  })

  test('never sends twice what did reach a process: 502 when it dies over it', async () => {
    let reached = 0
    const dying: RequestListener = (req) => {
      reached += 1
      req.socket.destroy()
    }
    const url = await balanced([await node('api-1', 'api', dying), await node('api-2', 'api', dying)])
    const answer = await fetch(url, { method: 'POST', body: 'book' })
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ code: 'node_lost', requestId: 'request-id' })
    expect(reached).toBe(1)
  })

  test('answers 503 with Retry-After when nobody is there', async () => {
    const answer = await fetch(await balanced([{ id: 'api-1', role: 'api', port: await freePort() }]))
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toMatchObject({ code: 'unavailable' })
  })

  test('cuts an answer that was cut, instead of ending it', async () => {
    const target = await node('api-1', 'api', (_, res) => {
      res.writeHead(200, { 'Content-Length': '100' })
      res.write('half', () => res.socket?.destroy())
    })
    await expect(fetch(await balanced([target])).then((answer) => answer.text())).rejects.toThrow()
  })

  test('passes upgrades through both ways, past a dead process, and ends both sides together', async () => {
    const gone: Target = { id: 'realtime-1', role: 'realtime', port: await freePort() }
    const behind: Socket[] = []
    const url = await balanced([gone, await socketNode(behind), await node('api-1')])
    for (const side of ['client', 'node', 'client']) {
      const client = await upgraded(url)
      const server = behind.at(-1)
      client.write('ping')
      expect(String((await once(client, 'data'))[0])).toBe('echo ping')
      if (side === 'client') client.destroy()
      else server?.destroy()
      const other = side === 'client' ? server : client
      if (other && !other.destroyed) await once(other, 'close')
    }
    expect(behind).toHaveLength(3)
  })

  test('takes a socket to the process it names, where that is allowed; and counts those that pass', async () => {
    const [one, two] = [await socketNode([], 'realtime-1'), await socketNode([], 'realtime-2')]
    const balancer = await opened({ targets: () => [one, two], pins: true })
    const url = `http://127.0.0.1:${balancer.port}`
    const sockets = [
      await upgraded(url, '/yjs/x?token=t&node=realtime-2'),
      await upgraded(url, '/yjs/x?node=realtime-2'),
    ]
    expect([balancer.socketsOf('realtime-1'), balancer.socketsOf('realtime-2')]).toEqual([0, 2])
    sockets[0]?.destroy()
    await expect.poll(() => balancer.socketsOf('realtime-2')).toBe(1)
    // Another one would be served by somebody else under that name.
    expect(await upgradeStatus(url, '/yjs/x?node=realtime-3')).toBe(503)

    const plain = await opened({ targets: () => [one, two] })
    await upgraded(`http://127.0.0.1:${plain.port}`, '/yjs/x?node=realtime-3')
    expect(plain.socketsOf('realtime-1') + plain.socketsOf('realtime-2')).toBe(1)
  })

  test('answers itself what it is told to', async () => {
    const ownAnswer: BalancerOptions['ownAnswer'] = (req, res) => req.url === '/own' && Boolean(res.end('itself'))
    const target = await node('api-1')
    const { port } = await opened({ targets: () => [target], ownAnswer })
    expect(await get(`http://127.0.0.1:${port}/own`)).toBe('itself')
    expect(await get(`http://127.0.0.1:${port}/other`)).toBe('api-1')
  })

  test('ends everything it passes through when it is disposed', async () => {
    const behind: Socket[] = []
    const balancer = await openBalancer({ ...HERE, targets: targetsOf([await socketNode(behind)]) })
    const client = await upgraded(`http://127.0.0.1:${balancer.port}`)
    const closed = Promise.all([once(client, 'close'), once(behind[0] as Socket, 'close')])
    await balancer[Symbol.asyncDispose]()
    await closed
    await expect(fetch(`http://127.0.0.1:${balancer.port}`)).rejects.toThrow('fetch failed')
  })

  test('says so when its port is taken', async () => {
    const taken = Number(new URL(await balanced([])).port)
    await expect(openBalancer({ ...HERE, port: taken, targets: () => [] })).rejects.toThrow(`PORT ${taken} is taken`)
  })
})

const HERE = { host: '127.0.0.1', port: 0, newId: () => 'request-id' }

function targetsOf(targets: Target[]): () => Target[] {
  return () => targets
}

async function balanced(targets: Target[]): Promise<string> {
  return `http://127.0.0.1:${(await opened({ targets: () => targets })).port}`
}

async function opened(options: Pick<BalancerOptions, 'targets' | 'pins' | 'ownAnswer'>): Promise<Balancer> {
  const balancer = await openBalancer({ ...HERE, ...options })
  onTestFinished(() => balancer[Symbol.asyncDispose]())
  return balancer
}

async function node(id: string, role: Target['role'] = 'api', listener?: RequestListener): Promise<Target> {
  return { id, role, port: await listening(createServer(listener ?? ((_, res) => res.end(id)))) }
}

/** A node that upgrades and then repeats what it hears; its sockets are put into `sockets`. */
async function socketNode(sockets: Socket[], id = 'realtime-2'): Promise<Target> {
  const server = createServer().on('upgrade', (_: IncomingMessage, socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('data', (chunk) => socket.write(`echo ${String(chunk)}`))
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  })
  return { id, role: 'realtime', port: await listening(server) }
}

async function listening(server: Server): Promise<number> {
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function upgraded(url: string, path = '/socket.io/'): Promise<Socket> {
  const client = upgrade(url, path)
  const [, socket] = (await once(client, 'upgrade')) as [IncomingMessage, Socket]
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  return socket
}

function upgrade(url: string, path: string): ClientRequest {
  const client = request(`${url}${path}`, { headers: { Connection: 'Upgrade', Upgrade: 'echo' } })
  client.end()
  return client
}

async function upgradeStatus(url: string, path: string): Promise<number | undefined> {
  const [answer] = (await once(upgrade(url, path), 'response')) as [IncomingMessage]
  return answer.statusCode
}

async function get(url: string): Promise<string> {
  const asked = request(url, { agent: false })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return text(answer)
}
