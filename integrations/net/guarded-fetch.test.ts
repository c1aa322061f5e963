import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FeedServer, openFeedServer } from '../../testkit/ics-server.ts'
import { addressProblem, isPublicAddress } from './address-guard.ts'
import { type FetchOptions, guardedFetch, guardedLookup } from './guarded-fetch.ts'
import { mayBeFetched } from './resolve-name.ts'

/** What must never be reached: any connection counts. */
let canary: { port: number; hits: number; close: () => void }
let server: FeedServer

beforeAll(async () => {
  const listener = createServer((socket) => {
    canary.hits++
    socket.destroy()
  })
  listener.on('error', () => {})
  listener.listen(0, '0.0.0.0')
  await once(listener, 'listening')
  canary = { port: (listener.address() as AddressInfo).port, hits: 0, close: () => listener.close() }
  server = await openFeedServer()
})

afterAll(async () => {
  canary.close()
  await server[Symbol.asyncDispose]()
})

beforeEach(() => {
  canary.hits = 0
  server.requests.length = 0
})

const NOT_PUBLIC = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.254', '127.0.0.1', '127.8.9.10'],
  ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.170', '192.0.2.1', '192.88.99.1', '192.168.1.1'],
  ...['198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.250', '240.0.0.1'],
  ...['255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1'],
  ...['64:ff9b:1::1', '100::1', '2001::1', '2001:0:7f00:1::', '2001:10::1', '2001:db8::1', '2002:7f00:1::', '3fff::1'],
  ...['5f00::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fe80::1%lo', 'fec0::1', 'ff02::1', 'not-an-address', ''],
]
const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '193.0.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
]

describe('addresses', () => {
  test.each(NOT_PUBLIC)('%s is not of the public Internet', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
  test.each(PUBLIC)('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

/** `{port}` is the canary's: the same forms are tried where somebody listens. */
const HOSTILE = [
  ...['http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://0177.0.0.1/'],
  ...[
    'http://0x7f.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1.:80/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
  ],
  ...[
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
  ],
  ...[
    'http://[64:ff9b::127.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://localhost/',
  ],
  ...['http://LOCALHOST/', 'http://localhost./', 'http://x.localhost/', 'http://printer.local/', 'http://db.internal/'],
  ...['http://①②⑦.⓪.⓪.①/', 'http://127。0。0。1/', 'http://169.254.169.254/latest/meta-data/', 'http://10.0.0.1:8080/'],
  ...[
    'http://user:secret@example.org/',
    'https://user@example.org/',
    'https://example.org:22/',
    'https://example.org:6379/',
  ],
  ...[
    'ftp://example.org/',
    'file:///etc/passwd',
    'gopher://example.org/',
    'data:text/calendar,BEGIN',
    'unix:/run/x.sock',
  ],
  ...[
    'http://127.0.0.1:{port}/',
    'http://2130706433:{port}/',
    'http://0x7f.1:{port}/',
    'http://[::ffff:127.0.0.1]:{port}/',
  ],
  ...['http://0:{port}/', 'http://localhost:{port}/'],
]

describe('a fetch', () => {
  test.each(HOSTILE)('%s is refused as it is written', async (text) => {
    const url = new URL(text.replace('{port}', String(canary.port)))
    expect(addressProblem(url, { allow: new Set() })).toBeDefined()
    expect(await fetched(url)).toEqual({ ok: false, error: 'address_refused' })
    expect(canary.hits).toBe(0)
  })

  test('a name that leads to us is refused when connecting, whatever else it leads to', async () => {
    const mixed = [v4('8.8.8.8'), v4('127.0.0.1')]
    for (const found of [[v4('127.0.0.1')], mixed, mixed.toReversed(), [{ address: '::1', family: 6 }]]) {
      const answer = await fetched(new URL('http://feeds.example.org:8080/'), { resolve: async () => found })
      expect(answer).toEqual({ ok: false, error: 'address_refused' })
    }
    const error = await fetched(new URL('http://feeds.example.org/'), { resolve: async () => [] })
    expect(error).toEqual({ ok: false, error: 'name_not_found' })
  })

  test('a name that changes its mind is judged by the answer that is connected to', async () => {
    const answers = [[v4('8.8.8.8')], [v4('127.0.0.1')]]
    let asked = 0
    const resolve = async () => answers[Math.min(asked++, 1)]!
    const lookup = guardedLookup(resolve, false)
    const once = () =>
      new Promise((done) => lookup('x.example.org', { all: true }, (error, found) => done(error?.message ?? found)))
    expect(await once()).toEqual([v4('8.8.8.8')])
    expect(await once()).toBe('address_refused')

    asked = 0
    const url = new URL('http://rebind.example.org/')
    // The door asks once and hears a public address; the connection asks again.
    expect(await mayBeFetched(url, { allow: new Set(), resolve })).toBe(true)
    expect(await fetched(url, { resolve })).toEqual({ ok: false, error: 'address_refused' })
    expect(asked).toBe(2)
  })

  test('the door refuses a name that leads to us', async () => {
    const options = { allow: new Set<string>(), resolve: async () => [v4('10.0.0.8')] }
    expect(await mayBeFetched(new URL('https://intranet.example.org/'), options)).toBe(false)
  })

  test.each(['http://127.0.0.1:{port}/', 'http://localhost:{port}/', '//127.0.0.1:{port}/x', 'file:///etc/passwd'])(
    'a redirect to %s is not followed',
    async (location) => {
      const target = location.replace('{port}', String(canary.port))
      server.answer((_request, response) => response.writeHead(302, { location: target }).end())
      expect(await fetchedHere('/')).toEqual({ ok: false, error: 'address_refused' })
      expect(canary.hits).toBe(0)
      expect(server.requests).toHaveLength(1)
    },
  )

  test('redirects are followed by hand, five at most', async () => {
    server.answer((request, response) => {
      const left = Number(request.url!.slice(1))
      if (left === 0) response.end('done')
      else response.writeHead(301, { location: `/${left - 1}` }).end()
    })
    expect(text(await fetchedHere('/5'))).toBe('done')
    expect(await fetchedHere('/6')).toEqual({ ok: false, error: 'too_many_redirects' })
  })

  test('proxies of the environment are not asked', async () => {
    process.env['HTTP_PROXY'] = process.env['http_proxy'] = `http://127.0.0.1:${canary.port}`
    try {
      server.answer((_request, response) => response.end('straight'))
      expect(text(await fetchedHere('/'))).toBe('straight')
      expect(canary.hits).toBe(0)
    } finally {
      delete process.env['HTTP_PROXY']
      delete process.env['http_proxy']
    }
  })

  test('a body is bounded as it comes and as it unpacks', async () => {
    server.answer((_request, response) => response.end(Buffer.alloc(20_000)))
    expect(await fetchedHere('/', { maxBytes: 10_000 })).toEqual({ ok: false, error: 'too_large' })
    server.answer((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
    )
    expect(await fetchedHere('/', { maxBytes: 1_000_000 })).toEqual({ ok: false, error: 'too_large' })
    server.answer((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed')),
    )
    expect(text(await fetchedHere('/'))).toBe('packed')
    server.answer((_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'))
    expect(await fetchedHere('/')).toEqual({ ok: false, error: 'bad_encoding' })
  })

  test('half a body is a failure, also when it was packed', async () => {
    const half = (headers: Record<string, string>, body: Buffer) =>
      server.answer((_request, response) => {
        response.writeHead(200, headers)
        response.write(body.subarray(0, body.length / 2), () => response.destroy())
      })
    half({ 'content-length': '1000' }, Buffer.alloc(1000))
    expect(await fetchedHere('/')).toEqual({ ok: false, error: 'cut_off' })
    half({}, Buffer.alloc(1000))
    expect(await fetchedHere('/')).toEqual({ ok: false, error: 'cut_off' })
    half({ 'content-encoding': 'gzip' }, gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i) % 251))))
    expect(await fetchedHere('/')).toEqual({ ok: false, error: 'cut_off' })
  })

  test('who says nothing, or a byte at a time, is given up', async () => {
    server.answer(() => {})
    expect(await fetchedHere('/', { headersMs: 50 })).toEqual({ ok: false, error: 'timed_out' })
    server.answer((_request, response) => {
      const drip = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(drip))
    })
    expect(await fetchedHere('/', { totalMs: 100 })).toEqual({ ok: false, error: 'timed_out' })
  })
})

function fetched(url: URL, given: Partial<FetchOptions> = {}) {
  return guardedFetch(url, {
    allow: new Set(),
    resolve: async () => [v4('127.0.0.1')],
    maxBytes: 1_000_000,
    headersMs: 2_000,
    totalMs: 5_000,
    signal: new AbortController().signal,
    ...given,
  })
}

/** From the one server of this machine that may be fetched. */
function fetchedHere(path: string, given: Partial<FetchOptions> = {}) {
  return fetched(new URL(`http://${server.host}${path}`), { allow: new Set([server.host]), ...given })
}

function text(answer: Awaited<ReturnType<typeof guardedFetch>>): string {
  return answer.ok ? new TextDecoder().decode(answer.value.body) : answer.error
}

function v4(address: string): LookupAddress {
  return { address, family: 4 }
}
