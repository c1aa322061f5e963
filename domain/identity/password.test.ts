import { expect, test } from 'vitest'
import { passwordRefusal } from './password.ts'

test('a password has 8 to 200 characters, is more than spaces and not the address', () => {
  const reason = (password: string) => passwordRefusal(password, 'ada@example.org')?.detail
  expect(reason('1234567')).toMatch(/at least 8/)
  expect(reason('12345678')).toBeUndefined()
  expect(reason('x'.repeat(200))).toBeUndefined()
  expect(reason('x'.repeat(201))).toMatch(/at most 200/)
  expect(reason(' '.repeat(20))).toMatch(/spaces/)
  expect(reason(' ADA@example.org ')).toMatch(/e-mail/)
  expect(reason('ada@example.org!')).toBeUndefined()
})
