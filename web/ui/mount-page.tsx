import { type ComponentChild, render } from 'preact'
import type { User } from '../client/contract.ts'
import { Session } from '../client/session.ts'
import './tokens.css'
import './base.css'
import './controls.css'
import './shell.css'
import { SignIn } from './sign-in.tsx'
import { useStore } from './use-store.ts'

/** A page for who is signed in; everybody else is asked to. Another person is another page. */
export function mountPage(page: (session: Session, user: User) => ComponentChild): void {
  const session = new Session()
  render(<Signed {...{ session, page }} />, document.body)
}

interface SignedProps {
  session: Session
  page: (session: Session, user: User) => ComponentChild
}

function Signed({ session, page }: SignedProps) {
  const state = useStore(session.state)
  return state.user === undefined ? <SignIn session={session} reason={state.reason} /> : page(session, state.user)
}
