import { describe, expect, test } from 'vitest'
import { instant } from '../time/instant.ts'
import { type RefreshTokenFacts, SESSION_MS, judgeRefresh, newSession } from './session.ts'

const NOW = instant(1_000_000_000)
const fresh: RefreshTokenFacts = {
  revokedAt: null,
  expiresAt: instant(NOW + 1),
  usedAt: null,
  retriedAt: null,
  successorUsed: false,
}

describe('a presented refresh token', () => {
  const verdicts: [string, Partial<RefreshTokenFacts>, ReturnType<typeof judgeRefresh>][] = [
    ['is rotated when it is unused', {}, 'rotate'],
    ['is repeated at once', { usedAt: NOW }, 'retry'],
    ['is repeated at ten seconds', { usedAt: instant(NOW - 10_000) }, 'retry'],
    ['is a reuse after ten seconds', { usedAt: instant(NOW - 10_001) }, 'reuse'],
    ['is a reuse the third time', { usedAt: NOW, retriedAt: NOW }, 'reuse'],
    ['is a reuse when its successor was used', { usedAt: NOW, successorUsed: true }, 'reuse'],
    ['gets nothing at the end of its session', { expiresAt: NOW }, 'ended'],
    ['gets nothing after its session was revoked', { revokedAt: instant(1) }, 'ended'],
    ['ends nothing twice', { revokedAt: instant(1), usedAt: instant(1), retriedAt: instant(1) }, 'ended'],
  ]
  test.each(verdicts)('%s', (_, facts, verdict) => {
    expect(judgeRefresh({ ...fresh, ...facts }, NOW)).toBe(verdict)
  })
})

test('a session lives thirty days from its creation', () => {
  const session = newSession({ id: 's', accountId: 'a', organizationId: 'o', userId: 'u', userAgent: null }, NOW)
  expect(session).toMatchObject({ createdAt: NOW, lastSeenAt: NOW, expiresAt: NOW + SESSION_MS })
  expect(SESSION_MS).toBe(2_592_000_000)
})
