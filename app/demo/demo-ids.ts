import { createIds } from './random.ts'

/** Everything the demo organisation is made of follows from this text; another text makes another organisation. */
export const DEMO_SEED = 'meridian'

/** 1 January 2026, 00:00 UTC: when the demo's ids say they were made. */
const MADE_AT_MS = Date.UTC(2026, 0, 1)

/** The ids that belong to the n-th thing of a kind, always the same. */
export function demoIds(kind: string, n: number): () => string {
  return createIds(`${DEMO_SEED}/${kind}/${n}`, MADE_AT_MS + n)
}

export function demoId(kind: string, n: number): string {
  return demoIds(kind, n)()
}
