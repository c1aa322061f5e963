import type { User } from '../client/contract.ts'
import type { Session } from '../client/session.ts'
import type { Colleagues, Demo } from './demo.ts'
import type { LiveOffice } from './live-office.ts'
import type { NodesWatch } from './nodes.ts'

/** What every step of the tour works with. */
export interface Guide {
  demo: Demo
  session: Session
  /** Who is signed in: an owner or admin of the demo. */
  user: User
  colleagues: Colleagues
  office: LiveOffice
  nodes: NodesWatch
}
