/** Below `n`, whole. */
export function below(n: number): number {
  return Math.floor(Math.random() * n)
}

export function oneOf<T>(list: readonly T[]): T {
  return list[below(list.length)] as T
}

export function happens(probability: number): boolean {
  return Math.random() < probability
}

/** 0 to 99, always the same for the same text: what somebody has made up his mind about. */
export function mood(text: string): number {
  let hash = 7
  for (const letter of text) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0
  return hash % 100
}
