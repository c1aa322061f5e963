/** What one call answered; `body` is JSON of the public contract. */
export interface Answer {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- the contract's JSON, read by a client that has no schemas
  body: any
}

interface SignedIn {
  userId: string
  accessToken: string
  refreshToken: string
  /** Epoch milliseconds. */
  until: number
}

const MARGIN_MS = 60_000
const CALL_MS = 5_000

/** One person of the demo at work: a plain client of the public contract, signed in when first needed. */
export class Colleague {
  readonly email: string
  readonly name: string
  readonly #url: string
  readonly #password: string
  #signedIn: Promise<SignedIn> | undefined

  constructor(url: string, { email, name, password }: { email: string; name: string; password: string }) {
    this.#url = url
    this.email = email
    this.name = name
    this.#password = password
  }

  async call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const answer = await this.#send(method, path, body, (await this.#session()).accessToken)
    // Somebody may have ended the session; the next call signs in again.
    if (answer.status === 401) this.#signedIn = undefined
    return answer
  }

  async userId(): Promise<string> {
    return (await this.#session()).userId
  }

  /** Opens sockets and documents as long as the session lives. */
  async ticket(): Promise<string | undefined> {
    const { status, body } = await this.call('POST', '/auth/socket-ticket', {})
    return status === 201 ? (body.ticket as string) : undefined
  }

  async #session(): Promise<SignedIn> {
    const known = await this.#signedIn?.catch(() => undefined)
    if (known !== undefined && known.until > Date.now() + MARGIN_MS) return known
    this.#signedIn = this.#signIn(known)
    return this.#signedIn
  }

  async #signIn(before: SignedIn | undefined): Promise<SignedIn> {
    if (before !== undefined) {
      const renewed = await this.#send('POST', '/auth/refresh', { refreshToken: before.refreshToken })
      if (renewed.status === 200) return signedIn(renewed)
    }
    const answer = await this.#send('POST', '/auth/login', { email: this.email, password: this.#password })
    if (answer.status !== 200) throw new Error(`a login of the demo answered ${answer.status}`)
    return signedIn(answer)
  }

  async #send(method: string, path: string, body: unknown, token?: string): Promise<Answer> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  }
}

function signedIn({ body }: Answer): SignedIn {
  const { user, accessToken, refreshToken, expiresIn } = body
  return { userId: user.id, accessToken, refreshToken, until: Date.now() + expiresIn * 1_000 }
}
