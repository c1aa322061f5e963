import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { createUpgradeGuard } from './upgrade-guard.ts'

function request(headers: Record<string, string>, remoteAddress = '192.0.2.1'): IncomingMessage {
  return { headers: { host: 'meet.example.org', ...headers }, socket: { remoteAddress } } as never
}

describe('a socket from a page', () => {
  const guard = createUpgradeGuard({ origins: ['https://intranet.example.org'] })
  test.each([
    ['of ours', 'https://meet.example.org', undefined],
    ['of the list', 'https://intranet.example.org', undefined],
    ['of the list, but without TLS', 'http://intranet.example.org', 403],
    ['whose name begins like ours', 'https://meet.example.org.evil.example', 403],
    ['whose name ends like one of the list', 'https://evil-intranet.example.org', 403],
    ['at another port', 'https://meet.example.org:8443', 403],
    ['that is nobody’s', 'null', 403],
    ['with a scheme of its own', 'file://', 403],
    ['of elsewhere', 'https://evil.example', 403],
  ])('%s', (_, origin, expected) => expect(guard(request({ origin }))).toBe(expected))

  test('that names no origin is a program', () => expect(guard(request({}))).toBeUndefined())

  test('is held against the name the proxy was asked by, if proxies are believed', () => {
    const origin = 'https://meet.example.org'
    const headers = { host: 'node-1:3000', 'x-forwarded-host': 'meet.example.org', origin }
    expect(createUpgradeGuard()(request(headers))).toBe(403)
    expect(createUpgradeGuard({ trustedProxies: 1 })(request(headers))).toBeUndefined()
  })
})

describe('sockets that come at once', () => {
  const admitted = (guard: ReturnType<typeof createUpgradeGuard>, count: number, address: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => guard(request({ 'x-forwarded-for': `203.0.113.9, ${address(i)}` }))).filter(
      (refused) => refused === undefined,
    ).length

  test('are let in by the thousand, of one address fewer than of many', () => {
    const ofOne = admitted(createUpgradeGuard({ trustedProxies: 1 }), 5_000, () => '198.51.100.1')
    const ofMany = admitted(createUpgradeGuard({ trustedProxies: 1 }), 5_000, (i) => `10.0.${i % 50}.1`)
    expect(ofOne).toBeGreaterThanOrEqual(1_500)
    expect(ofOne).toBeLessThan(1_800)
    expect(ofMany).toBeGreaterThanOrEqual(2_000)
    expect(ofMany).toBeLessThan(2_500)
  })

  test('are all let in when nobody is to be held back', () => {
    expect(admitted(createUpgradeGuard({ limited: false }), 5_000, () => '198.51.100.1')).toBe(5_000)
  })
})
