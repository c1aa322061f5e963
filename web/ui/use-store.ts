import { useEffect, useReducer } from 'preact/hooks'
import type { Readable } from '../client/store.ts'

/** The store's value, at every render the present one. */
export function useStore<T>(store: Readable<T>): T {
  const [, render] = useReducer<number, void>((count) => count + 1, 0)
  useEffect(() => {
    // What changed between the render and now would be missed otherwise.
    render()
    return store.subscribe(() => render())
  }, [store])
  return store.get()
}
