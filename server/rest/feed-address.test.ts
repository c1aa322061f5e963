import { expect, test } from 'vitest'
import { parseFeedAddress } from './feed-address.ts'

test.each([
  ['webcal://example.org/a.ics', 'https://example.org/a.ics'],
  ['WEBCALS://example.org/a.ics', 'https://example.org/a.ics'],
  ['http://example.org/a.ics#top', 'http://example.org/a.ics'],
  ['example.org/a.ics', 'https://example.org/a.ics'],
  ['example.org:8443/a.ics', 'https://example.org:8443/a.ics'],
  ['https://example.org/a?token=x&y=%20', 'https://example.org/a?token=x&y=%20'],
  ['file:///etc/passwd', 'file:///etc/passwd'],
  ['http://', undefined],
  ['https://exa mple.org', undefined],
])('%s is read as %s', (text, expected) => {
  expect(parseFeedAddress(text)?.href).toBe(expected)
})
