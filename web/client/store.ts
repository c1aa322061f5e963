/** A value that others look at and are told about. */
export interface Readable<T> {
  get: () => T
  /** Calls back after every change; what it returns ends that. */
  subscribe: (listener: () => void) => () => void
}

export interface Store<T> extends Readable<T> {
  set: (value: T) => void
}

export function createStore<T>(initial: T): Store<T> {
  const listeners = new Set<() => void>()
  let value = initial
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
