import { expect, test } from 'vitest'
import { addressOf, meetingIn } from './meeting-address.ts'

const ID = '01935f2e-0000-7000-8000-000000000001'

test.each([
  [{ hash: `#${ID}`, search: '' }, ID],
  [{ hash: `#${ID.toUpperCase()}`, search: '' }, ID],
  [{ hash: '', search: `?id=${ID}` }, ID],
  [{ hash: '#', search: '' }, undefined],
  [{ hash: '#somewhere', search: '' }, undefined],
  [{ hash: `#${ID}/../x`, search: '' }, undefined],
])('%j names %s', (address, id) => {
  expect(meetingIn(address)).toBe(id)
})

test('a link to a meeting is read back', () => {
  expect(meetingIn(new URL(addressOf(ID), 'http://x'))).toBe(ID)
})
