import { useEffect, useState } from 'preact/hooks'
import type { Awareness } from 'y-protocols/awareness'
import { type Present, presentIn } from './presence.ts'

/** Who has the document open; renders again only when that changes, not with every cursor. */
export function usePresent(awareness: Awareness, selfId: string): readonly Present[] {
  const [present, setPresent] = useState<readonly Present[]>([])
  useEffect(() => {
    let shown = ''
    const look = () => {
      const next = presentIn(awareness.getStates(), selfId)
      const text = JSON.stringify(next)
      if (text === shown) return
      shown = text
      setPresent(next)
    }
    look()
    awareness.on('change', look)
    return () => awareness.off('change', look)
  }, [awareness, selfId])
  return present
}
