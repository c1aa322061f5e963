/** What only this page knows of the hold that it has: a reload forgets nothing of it. */
export interface KeptHold {
  id: string
  /** User ids: the meeting takes place without them, too. */
  optional: readonly string[]
  /** As far as it is typed. */
  title: string
}

const KEPT = 'convoke.hold'

export function keepHold(kept: KeptHold, storage: Storage = sessionStorage): void {
  storage.setItem(KEPT, JSON.stringify(kept))
}

/** undefined: that is about another hold, or nothing is kept. */
export function keptHold(id: string, storage: Storage = sessionStorage): KeptHold | undefined {
  try {
    const kept = JSON.parse(storage.getItem(KEPT) ?? 'null') as KeptHold | null
    return kept?.id === id ? kept : undefined
  } catch {
    return undefined
  }
}

export function forgetHold(storage: Storage = sessionStorage): void {
  storage.removeItem(KEPT)
}
