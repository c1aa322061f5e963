import * as Y from 'yjs'

/** Merging n updates at once is quadratic in n; in groups of this size it is not. */
const GROUP = 32

/** One update that holds them all, whatever their order; the empty update of none. */
export function mergeLevelled(updates: readonly Uint8Array[]): Uint8Array {
  let level = updates.filter((update) => !isEmpty(update))
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += GROUP) next.push(merged(level.slice(i, i + GROUP)))
    level = next
  }
  return level[0] ?? EMPTY_UPDATE
}

/** No structs and no deletions. */
export const EMPTY_UPDATE: Uint8Array = new Uint8Array([0, 0])

export function isEmpty(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0
}

function merged(group: Uint8Array[]): Uint8Array {
  return group.length === 1 ? (group[0] as Uint8Array) : Y.mergeUpdates(group)
}
