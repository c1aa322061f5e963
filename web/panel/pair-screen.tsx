import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../client/contract.ts'
import type { Device } from '../client/device.ts'
import { useHash } from '../ui/use-hash.ts'

interface PairScreenProps {
  device: Device
  /** Why a panel that was paired is not any more. */
  reason: string | undefined
}

const LENGTH = 6
const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

/** Takes the six digits that a room manager sees on the floor page. A link from there brings them along. */
export function PairScreen({ device, reason }: PairScreenProps) {
  const given = useHash('code')
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (given !== undefined) setCode(digitsOf(given))
  }, [given])
  const isWhole = code.length === LENGTH
  const change = (next: string) => {
    setCode(digitsOf(next))
    setProblem(undefined)
  }
  const submit = async () => {
    if (isBusy || !isWhole) return input.current?.focus()
    setBusy(true)
    const refused = await device.claim(code)
    setProblem(refused)
    setBusy(false)
    if (refused === undefined) history.replaceState(null, '', location.pathname)
    else setCode('')
  }
  return (
    <main class="pair">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <h1>Pair this panel</h1>
        <p>On the floor page choose the room and “Pair a panel”. Enter the six digits shown there.</p>
        <label>
          <span class="unseen">Pairing code</span>
          <input
            ref={input}
            class="pair-code figures"
            name="code"
            value={code}
            // The pad is the keyboard of a tablet.
            inputMode="none"
            autocomplete="one-time-code"
            placeholder="••••••"
            maxLength={LENGTH}
            aria-invalid={problem !== undefined}
            onInput={(event) => change(event.currentTarget.value)}
          />
        </label>
        <p class="pair-note" role="alert">
          {problem?.detail ?? reason ?? ''}
        </p>
        <div class="pad">
          {DIGITS.map((digit) => (
            <button key={digit} type="button" onClick={() => change(code + digit)}>
              {digit}
            </button>
          ))}
          <button type="button" aria-label="Delete the last digit" onClick={() => change(code.slice(0, -1))}>
            ⌫
          </button>
          <button type="button" onClick={() => change(`${code}0`)}>
            0
          </button>
          <button type="submit" class="pad-main" aria-disabled={isBusy || !isWhole}>
            Pair
          </button>
        </div>
      </form>
    </main>
  )
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '').slice(0, LENGTH)
}
