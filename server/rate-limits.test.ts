import { expect, test } from 'vitest'
import { createRateLimits, networkOf } from './rate-limits.ts'

const limits = () => createRateLimits({ now: () => 0 })

test('ten tries at one account from one address; others are not held back by that', async () => {
  const { attempt } = limits()
  for (let i = 0; i < 10; i++) expect((await attempt('login', '192.0.2.1', 'ada')).retryAfterSeconds).toBeUndefined()
  expect((await attempt('login', '192.0.2.1', 'ada')).retryAfterSeconds).toBe(6)
  expect((await attempt('login', '192.0.2.1', 'bob')).retryAfterSeconds).toBeUndefined()
  expect((await attempt('login', '192.0.2.2', 'ada')).retryAfterSeconds).toBeUndefined()
  expect((await attempt('register', '192.0.2.1', 'ada')).retryAfterSeconds).toBeUndefined()
})

test('one account is not guessed from a thousand addresses, nor a thousand accounts from one', async () => {
  const spread = limits()
  const concentrated = limits()
  const refused = { spread: 0, concentrated: 0 }
  for (let i = 0; i < 1_000; i++) {
    const away = await spread.attempt('login', `10.0.${i >> 8}.${i & 255}`, 'ada')
    const here = await concentrated.attempt('login', '192.0.2.1', `person ${i}`)
    if (away.retryAfterSeconds !== undefined) refused.spread += 1
    if (here.retryAfterSeconds !== undefined) refused.concentrated += 1
  }
  expect(refused).toEqual({ spread: 940, concentrated: 880 })
})

test('a hundred guesses at pairing codes, from wherever they come', async () => {
  const { attempt } = limits()
  for (let i = 0; i < 100; i++) expect((await attempt('claim', `10.0.0.${i}`, '')).retryAfterSeconds).toBeUndefined()
  expect((await attempt('claim', '192.0.2.1', '')).retryAfterSeconds).toBe(1)
})

test('a customer of IPv6 is one network, an IPv4 address itself', () => {
  const one = networkOf('2001:db8:1:2:3:4:5:6')
  for (const same of ['2001:db8:1:2::1', '2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::1%eth0']) {
    expect(networkOf(same), same).toBe(one)
  }
  expect(networkOf('2001:db8:1:3::1')).not.toBe(one)
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
})
