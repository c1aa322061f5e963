import { expect, test } from 'vitest'
import { openPasswords } from './passwords.ts'

test('a hash is argon2id with OWASP’s parameters and opens for its password only', async () => {
  const passwords = await openPasswords()
  const hashed = await passwords.hash('café au lait')
  expect(hashed).toMatchObject({ ok: true, value: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) })
  const hash = (hashed as { value: string }).value
  expect(await passwords.verify(hash, 'cafe\u0301 au lait')).toEqual({ ok: true, value: true })
  expect(await passwords.verify(hash, 'cafe au lait')).toEqual({ ok: true, value: false })
  expect(await passwords.verify(undefined, 'nobody has this password')).toEqual({ ok: true, value: false })
})

test('a flood is refused instead of queued without end, and what waits is served', async () => {
  const passwords = await openPasswords()
  const answers = await Promise.all(Array.from({ length: 110 }, () => passwords.verify(undefined, 'x')))
  expect(answers.filter((answer) => answer.ok)).toHaveLength(102)
  expect(answers.find((answer) => !answer.ok)).toMatchObject({ error: { code: 'too_many_requests' } })
  expect((await passwords.verify(undefined, 'x')).ok).toBe(true)
})
