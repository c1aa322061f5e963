import { useEffect, useState } from 'preact/hooks'
import type { DocState } from './shared-doc.ts'

/** A pause in typing: who types sees one word and no flicker. What is not stored is said at once. */
const CALM_MS = 400

interface SaveLineProps {
  state: DocState
  isReadOnly: boolean
}

/** What is stored and what is not. Only going away and coming back is announced. */
export function SaveLine({ state, isReadOnly }: SaveLineProps) {
  const [calm, setCalm] = useState(state.waiting === 0)
  useEffect(() => {
    if (state.waiting > 0) {
      setCalm(false)
      return
    }
    const timer = setTimeout(() => setCalm(true), CALM_MS)
    return () => clearTimeout(timer)
  }, [state.waiting])
  const { tone, words } = saveWords(state, calm, isReadOnly)
  return (
    <p class="save-line small" data-tone={tone} aria-label="Saving" role="group">
      <span class="save-words">{words}</span>
      <span class="unseen" role="status">
        {tone === 'away' ? 'Offline: what you write waits here.' : ''}
      </span>
    </p>
  )
}

type Tone = 'opening' | 'saved' | 'saving' | 'away' | 'not'

export function saveWords(
  { phase, waiting, denied }: DocState,
  isCalm: boolean,
  isReadOnly: boolean,
): { tone: Tone; words: string } {
  if (phase === 'opening') return { tone: 'opening', words: 'Opening…' }
  if (phase === 'ended') return { tone: 'not', words: 'Not connected any more' }
  if (phase === 'away') return { tone: 'away', words: awayWords(isReadOnly ? 0 : waiting) }
  if (isReadOnly) return { tone: 'saved', words: 'Read only, live' }
  if (denied !== undefined && waiting > 0) return { tone: 'not', words: 'Not saved' }
  return waiting > 0 || !isCalm ? { tone: 'saving', words: 'Saving…' } : { tone: 'saved', words: 'Saved' }
}

function awayWords(waiting: number): string {
  if (waiting === 0) return 'Offline'
  return waiting === 1 ? 'Offline: 1 change waits' : `Offline: ${waiting} changes wait`
}
