import { useState } from 'preact/hooks'
import { type Exchange, curlOf } from './exchange.ts'

/** An answer is shown up to here; the rest is a keystroke away in a terminal. */
const MAX_SHOWN = 1_400
const COPIED_MS = 2_000

/** One request as it was sent, for a terminal, and what came back. */
export function ExchangeBlock({ said, what }: { said: Exchange; what: string }) {
  const answer = said.answer === undefined ? '' : JSON.stringify(said.answer, undefined, 2)
  const shown = answer.length > MAX_SHOWN ? `${answer.slice(0, MAX_SHOWN)}\n…` : answer
  return (
    <figure class="exchange">
      <figcaption>
        {what} <b class="figures">{said.status || 'no answer'}</b>
        {said.node !== undefined && <span class="soft"> from {said.node}</span>}
      </figcaption>
      <CodeBlock text={curlOf(said)} />
      {shown !== '' && <pre class="code code-answer">{shown}</pre>}
    </figure>
  )
}

/** Words for a terminal or a program, with a button that copies them. */
export function CodeBlock({ text }: { text: string }) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    // Only pages of a safe origin may; localhost is one.
    const isCopied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    )
    setSaid(isCopied ? 'Copied' : 'Select and copy it by hand')
    setTimeout(() => setSaid(''), COPIED_MS)
  }
  return (
    <div class="code-block">
      <pre class="code">{text}</pre>
      <button type="button" class="button code-copy" onClick={() => void copy()}>
        {said || 'Copy'}
      </button>
      <span class="unseen" role="status">
        {said}
      </span>
    </div>
  )
}
