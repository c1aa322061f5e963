import type { Random } from './random.ts'

/**
 * The text of a rule: mostly of known parts with values in range, often with parts that do not go together, sometimes with values that
 * are too large, too many or no values at all, and now and then with bytes changed at random.
 */
export function randomRuleText(random: Random): string {
  const parts = [`FREQ=${random.chance(0.9) ? random.pick(FREQUENCIES) : random.pick(RARE_FREQUENCIES)}`]
  for (const [name, chance, value] of PARTS) if (random.chance(chance)) parts.push(`${name}=${value(random)}`)
  if (random.chance(0.03)) parts.push(random.pick(parts))
  if (random.chance(0.1)) parts.reverse()
  const text = parts.join(';')
  return random.chance(0.15) ? mangled(random, text) : text
}

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']
const RARE_FREQUENCIES = ['HOURLY', 'MINUTELY', 'SECONDLY', '', 'daily', 'FORTNIGHTLY', 'YEARLY,DAILY']
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

type Part = readonly [name: string, chance: number, value: (random: Random) => string]

const PARTS: readonly Part[] = [
  ['INTERVAL', 0.4, (random) => (random.chance(0.9) ? `${random.int(1, 999)}` : random.pick(NUMBERS))],
  ['COUNT', 0.25, (random) => (random.chance(0.9) ? `${random.int(1, 1_000)}` : random.pick(NUMBERS))],
  ['UNTIL', 0.2, untilOf],
  ['WKST', 0.15, (random) => random.pick([...WEEKDAYS, 'XX', 'mo', ''])],
  ['BYMONTH', 0.2, (random) => listOf(random, 1, 12)],
  ['BYWEEKNO', 0.06, (random) => listOf(random, -53, 53)],
  ['BYYEARDAY', 0.06, (random) => listOf(random, -366, 366)],
  ['BYMONTHDAY', 0.2, (random) => listOf(random, -31, 31)],
  ['BYDAY', 0.35, weekdaysOf],
  ['BYHOUR', 0.15, (random) => listOf(random, 0, 23)],
  ['BYMINUTE', 0.15, (random) => listOf(random, 0, 59)],
  ['BYSETPOS', 0.15, (random) => listOf(random, -366, 366)],
  ['BYSECOND', 0.02, (random) => listOf(random, 0, 60)],
  ['BYEASTER', 0.01, () => '0'],
  ['RSCALE', 0.01, (random) => random.pick(['GREGORIAN', 'HEBREW', ''])],
  ['SKIP', 0.01, () => 'FORWARD'],
  ['X-EVOLUTION', 0.01, () => 'yes'],
]

const NUMBERS = [
  '0',
  '-1',
  '+1',
  '1.5',
  '1e9',
  '1000',
  '1001',
  '999999999999999',
  '9'.repeat(300),
  '',
  'NaN',
  '0x10',
  '١',
]

function untilOf(random: Random): string {
  const date = `${random.int(1960, 2210)}${two(random.int(1, 12))}${two(random.int(1, 28))}`
  const time = `T${two(random.int(0, 23))}${two(random.int(0, 59))}00`
  return random.pick([
    `${date}${time}Z`,
    `${date}${time}Z`,
    `${date}${time}Z`,
    date,
    `${date}${time}`,
    `${date}T996099Z`,
    '',
  ])
}

function listOf(random: Random, min: number, max: number): string {
  const length = random.chance(0.03) ? random.int(20, 400) : random.int(1, 4)
  const [low, high] = random.chance(0.05) ? [min - 3, max + 40] : [min, max]
  return Array.from({ length }, () => random.int(low, high)).join(',')
}

function weekdaysOf(random: Random): string {
  const day = () => {
    const nth = random.chance(0.3) ? random.pick(['1', '2', '-1', '5', '-5', '+1', '53', '-53', '54', '0']) : ''
    return nth + random.pick(WEEKDAYS)
  }
  return Array.from({ length: random.chance(0.03) ? 200 : random.int(1, 5) }, day).join(',')
}

const INSERTED = ['', ';', '=', ',', '-', ' ', '\n', '\0', '😀', 'RRULE:', ';;', '%3B', '\uD800', '9'.repeat(400)]

function mangled(random: Random, text: string): string {
  let result = text
  for (let i = random.int(1, 3); i > 0; i--) {
    const at = random.int(0, result.length)
    result = result.slice(0, at) + random.pick(INSERTED) + result.slice(at + random.int(0, 3))
  }
  return random.chance(0.1) ? result.toLowerCase() : result
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
