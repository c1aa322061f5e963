import type { Answer, Problem, SignedIn, User } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { send } from './http.ts'
import { type Readable, createStore } from './store.ts'

/** What a sign-in looks like from outside: who it is, or why there is none (any more). */
export type SessionState = { user: User } | { user: undefined; reason: string | undefined }

interface Kept {
  user: User
  accessToken: string
  refreshToken: string
  /** Epoch milliseconds by this clock. */
  expiresAt: number
}

const KEPT = 'convoke.session'
const LOCK = 'convoke.refresh'
/** A token is renewed this long before it ends, so that it does not end on its way. */
const MARGIN_MS = 30_000

/**
 * Who is signed in, in every tab of this browser. Invariant: a refresh token is used by one tab at a time and never
 * twice, because the server ends the session of one that comes back.
 */
export class Session implements Credentials {
  readonly #state = createStore<SessionState>(stateOf(read()))
  #refreshing: Promise<Answer<string>> | undefined

  constructor() {
    addEventListener('storage', (event) => {
      if (event.key === KEPT || event.key === null) this.#state.set(stateOf(read()))
    })
  }

  get state(): Readable<SessionState> {
    return this.#state
  }

  async signIn(email: string, password: string): Promise<Problem | undefined> {
    const answer = await send<SignedIn>('/auth/login', { method: 'POST', body: JSON.stringify({ email, password }) })
    if (!answer.ok) return answer.problem
    this.#keep(answer.value)
    return undefined
  }

  async signOut(): Promise<void> {
    const kept = read()
    this.end()
    if (kept === undefined) return
    await send('/auth/logout', { method: 'POST', body: JSON.stringify({ refreshToken: kept.refreshToken }) })
  }

  /** The session is over; `reason` is a sentence for the person. */
  end(reason?: string): void {
    localStorage.removeItem(KEPT)
    this.#state.set({ user: undefined, reason })
  }

  /** An access token that is good now; given one that was refused, another one. */
  token(refused?: string): Promise<Answer<string>> {
    const kept = read()
    if (kept !== undefined && isGood(kept, refused)) return Promise.resolve({ ok: true, value: kept.accessToken })
    this.#refreshing ??= alone(() => this.#refresh(refused)).finally(() => (this.#refreshing = undefined))
    return this.#refreshing
  }

  async #refresh(refused?: string): Promise<Answer<string>> {
    const kept = read()
    if (kept === undefined) return { ok: false, problem: SIGNED_OUT }
    // Another tab was quicker.
    if (isGood(kept, refused)) return { ok: true, value: kept.accessToken }
    const body = JSON.stringify({ refreshToken: kept.refreshToken })
    const answer = await send<SignedIn>('/auth/refresh', { method: 'POST', body })
    if (answer.ok) {
      this.#keep(answer.value)
      return { ok: true, value: answer.value.accessToken }
    }
    if (answer.problem.status === 401) this.end('Your session has ended. Please sign in again.')
    return answer
  }

  #keep({ user, accessToken, refreshToken, expiresIn }: SignedIn): void {
    const kept: Kept = { user, accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1_000 }
    localStorage.setItem(KEPT, JSON.stringify(kept))
    if (this.#state.get().user?.id !== user.id) this.#state.set({ user })
  }
}

const SIGNED_OUT: Problem = { status: 401, code: 'unauthenticated', detail: 'You are signed out.' }

function read(): Kept | undefined {
  try {
    return (JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Kept | null) ?? undefined
  } catch {
    return undefined
  }
}

function stateOf(kept: Kept | undefined): SessionState {
  return kept === undefined ? { user: undefined, reason: undefined } : { user: kept.user }
}

function isGood(kept: Kept, refused: string | undefined): boolean {
  return kept.accessToken !== refused && kept.expiresAt - MARGIN_MS > Date.now()
}

/** One tab at a time; where the browser has no locks (plain http beyond localhost) the server's grace of 10 s must do. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return work()
  let result: T | undefined
  await navigator.locks.request(LOCK, async () => {
    result = await work()
  })
  return result as T
}
