import type { Answer, Problem } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { send } from './http.ts'
import { type Readable, createStore } from './store.ts'

/** A panel and the room it stands beside. */
export interface PairedDevice {
  id: string
  roomId: string
  name: string
  room: { id: string; name: string }
}

/** Which room this screen belongs to, or why to none (any more). */
export type DeviceState = { device: PairedDevice } | { device: undefined; reason: string | undefined }

interface Kept {
  device: PairedDevice
  deviceToken: string
}

const KEPT = 'convoke.panel'
const UNPAIRED: Problem = {
  status: 401,
  code: 'unauthenticated',
  detail: 'This panel is not paired with its room any more. Enter a new code.',
}

/** The pairing of this screen with a room. Its token lasts until somebody removes the panel. */
export class Device implements Credentials {
  readonly #state = createStore<DeviceState>(stateOf(read()))

  get state(): Readable<DeviceState> {
    return this.#state
  }

  /** Trades the code that a room manager sees for this screen's own token. */
  async claim(code: string): Promise<Problem | undefined> {
    const answer = await send<Kept>('/auth/devices/claim', { method: 'POST', body: JSON.stringify({ code }) })
    if (!answer.ok) return answer.problem
    const { device, deviceToken } = answer.value
    localStorage.setItem(KEPT, JSON.stringify({ device, deviceToken }))
    this.#state.set({ device })
    return undefined
  }

  end(): void {
    localStorage.removeItem(KEPT)
    this.#state.set({ device: undefined, reason: UNPAIRED.detail })
  }

  /** There is no other token: one that was refused is tried once more, and a second no is the end of the pairing. */
  async token(refused?: string): Promise<Answer<string>> {
    const kept = read()
    if (kept === undefined) return { ok: false, problem: UNPAIRED }
    if (refused === kept.deviceToken && (await this.#isOver(kept))) {
      this.end()
      return { ok: false, problem: UNPAIRED }
    }
    return { ok: true, value: kept.deviceToken }
  }

  async #isOver({ device, deviceToken }: Kept): Promise<boolean> {
    const answer = await send(`/rooms/${device.roomId}/state`, {}, deviceToken)
    return !answer.ok && answer.problem.status === 401
  }
}

function read(): Kept | undefined {
  try {
    return (JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Kept | null) ?? undefined
  } catch {
    return undefined
  }
}

function stateOf(kept: Kept | undefined): DeviceState {
  return kept === undefined ? { device: undefined, reason: undefined } : { device: kept.device }
}
