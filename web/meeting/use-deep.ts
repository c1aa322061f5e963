import { useEffect, useReducer } from 'preact/hooks'
import type * as Y from 'yjs'

/** Renders again after every change of this type or of anything in it. */
export function useDeep(type: Y.Array<Y.Map<unknown>> | Y.Map<unknown> | Y.Text): void {
  const [, render] = useReducer<number, void>((count) => count + 1, 0)
  useEffect(() => {
    const changed = () => render()
    render()
    type.observeDeep(changed)
    return () => type.unobserveDeep(changed)
  }, [type])
}
