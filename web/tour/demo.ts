import type { Problem, SignedIn } from '../client/contract.ts'
import { send } from '../client/http.ts'
import type { Session } from '../client/session.ts'
import { Refused } from './refused.ts'

export interface DemoPerson {
  email: string
  name: string
  role: string
}

/** Who one may be here, as `GET /demo` tells. */
export interface Demo {
  password: string
  /** As the terminal shows them: the owner first. */
  logins: DemoPerson[]
  /** Others who may book. */
  racers: DemoPerson[]
}

/** null: this installation is no demo. */
export async function readDemo(): Promise<Demo | null | Problem> {
  const answer = await send<{ demo: Demo | null }>('/demo', {})
  return answer.ok ? answer.value.demo : answer.problem
}

const MANAGERS = ['owner', 'admin']

/** Whether this person may do everything the tour does. */
export function isManager(demo: Demo, user: { email: string; role: string } | undefined): boolean {
  return user !== undefined && MANAGERS.includes(user.role) && demo.logins.some(({ email }) => email === user.email)
}

export function ownerOf(demo: Demo): DemoPerson {
  return demo.logins[0] as DemoPerson
}

export function enter(demo: Demo, session: Session): Promise<Problem | undefined> {
  return session.signIn(ownerOf(demo).email, demo.password)
}

interface Kept {
  userId: string
  accessToken: string
  /** Epoch milliseconds by this clock. */
  until: number
}

const MARGIN_MS = 60_000

/** Colleagues whom the tour acts for beside the person who is signed in. Kept in this page only. */
export class Colleagues {
  readonly #demo: Demo
  readonly #kept = new Map<string, Promise<Kept>>()

  constructor(demo: Demo) {
    this.#demo = demo
  }

  /** With an access token that is good for a while. Throws `Refused`. */
  async signedIn(email: string): Promise<Kept> {
    const known = await this.#kept.get(email)?.catch(() => undefined)
    if (known !== undefined && known.until > Date.now() + MARGIN_MS) return known
    const fresh = this.#signIn(email)
    this.#kept.set(email, fresh)
    return fresh
  }

  async #signIn(email: string): Promise<Kept> {
    const body = JSON.stringify({ email, password: this.#demo.password })
    const answer = await send<SignedIn>('/auth/login', { method: 'POST', body })
    if (!answer.ok) throw new Refused(answer.problem)
    const { user, accessToken, expiresIn } = answer.value
    return { userId: user.id, accessToken, until: Date.now() + expiresIn * 1_000 }
  }
}
