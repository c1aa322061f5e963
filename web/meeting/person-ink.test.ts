import { expect, test } from 'vitest'
import { INKS, inkOf, inkStyle } from './person-ink.ts'

test('white can be read on every ink (WCAG 2.2, 1.4.3)', () => {
  for (const ink of INKS) expect([ink, 1.05 / (luminance(ink) + 0.05) >= 4.5]).toEqual([ink, true])
})

test('a colour that does not exist is one that does', () => {
  for (const ink of [-1, 8, NaN, 0.5]) expect(INKS).toContain(inkStyle(ink)['--ink-of-person'])
})

test('people get all of them', () => {
  const ids = Array.from({ length: 200 }, (_, i) => `01935f2e-0000-7000-8000-${i.toString(16).padStart(12, '0')}`)
  expect(new Set(ids.map(inkOf)).size).toBe(INKS.length)
})

function luminance(ink: string): number {
  const linear = [1, 3, 5]
    .map((at) => Number.parseInt(ink.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return linear.reduce((sum, part, i) => sum + part * ([0.2126, 0.7152, 0.0722][i] ?? 0), 0)
}
