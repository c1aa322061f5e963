import { render } from 'preact'
import { Session } from '../client/session.ts'
import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import { useStore } from '../ui/use-store.ts'
import './floor.css'
import './book.css'
import { FloorPage } from './floor-page.tsx'
import { SignIn } from './sign-in.tsx'

const session = new Session()
render(<Page />, document.body)

function Page() {
  const state = useStore(session.state)
  if (state.user === undefined) return <SignIn session={session} reason={state.reason} />
  return <FloorPage key={state.user.id} session={session} user={state.user} />
}
