/** Seeded choices: the same seed gives the same sequence on every machine. Not for secrets. */
export interface Random {
  /** In `[0, 1)`. */
  next: () => number
  /** A whole number from `least` to `most`, both included. */
  between: (least: number, most: number) => number
  chance: (probability: number) => boolean
  /** `items` must not be empty. */
  pick: <T>(items: readonly T[]) => T
  /** An item as often as its weight says; the weights need no particular sum. */
  weighted: <T extends { weight: number }>(items: readonly T[]) => T
  shuffled: <T>(items: readonly T[]) => T[]
}

export function createRandom(seed: string): Random {
  const next = mulberry32(hashOf(seed))
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => items[between(0, items.length - 1)]!,
    weighted(items) {
      let left = next() * items.reduce((sum, item) => sum + item.weight, 0)
      return items.find((item) => (left -= item.weight) < 0) ?? items.at(-1)!
    },
    shuffled(items) {
      const result = [...items]
      for (let i = result.length - 1; i > 0; i--) {
        const j = between(0, i)
        ;[result[i], result[j]] = [result[j]!, result[i]!]
      }
      return result
    },
  }
}

/** An endless supply of UUIDv7s, the same for the same seed. They say `ageMs` as their time of making. */
export function createIds(seed: string, ageMs: number): () => string {
  const { next } = createRandom(seed)
  const time = ageMs.toString(16).padStart(12, '0')
  const bits = (count: number) => Math.floor(next() * 2 ** count)
  const hex = (count: number, digits: number) => bits(count).toString(16).padStart(digits, '0')
  return () => {
    const variant = (0x8 + bits(2)).toString(16)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(12, 3)}-${variant}${hex(12, 3)}-${hex(24, 6)}${hex(24, 6)}`
  }
}

/** By Tommy Ettinger, public domain: 32 bits of state, enough for choices that only have to look varied. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
