import { useState } from 'preact/hooks'
import type { Problem } from '../client/contract.ts'
import type { Session } from '../client/session.ts'
import { Field } from './field.tsx'
import { ProblemLine } from './problem-line.tsx'

interface SignInProps {
  session: Session
  /** Why somebody who was signed in is not any more. */
  reason: string | undefined
}

export function SignIn({ session, reason }: SignInProps) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    if (isBusy) return
    setBusy(true)
    setProblem(undefined)
    setProblem(await session.signIn(email.trim(), password))
    setBusy(false)
  }
  return (
    <main class="sign-in">
      <h1>Convoke</h1>
      <p class="soft">Rooms now and next, live. Sign in to see yours.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Field label="E-mail">
          {(tie) => (
            <input
              {...tie}
              type="email"
              name="email"
              autocomplete="username"
              required
              value={email}
              onInput={(event) => setEmail(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Password">
          {(tie) => (
            <input
              {...tie}
              type="password"
              name="password"
              autocomplete="current-password"
              required
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="button-main" aria-disabled={isBusy}>
          Sign in
        </button>
      </form>
      <p class="soft small">A demo is running? The terminal that started it shows the logins.</p>
      <div class="sign-in-note" role="alert">
        {problem ? <ProblemLine problem={problem} /> : reason && <p>{reason}</p>}
      </div>
    </main>
  )
}
