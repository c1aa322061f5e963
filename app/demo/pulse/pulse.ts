import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { happens } from './chance.ts'
import { Colleague } from './colleague.ts'
import { changeSomething } from './diary-changes.ts'
import { RoomsInUse } from './rooms-in-use.ts'
import { typeSomething } from './typist.ts'

export interface PulseOptions {
  /** The public address: it is a client like any other. */
  url: string
  people: readonly { name: string; email: string; role: string }[]
  password: string
  log: Logger
}

/** About every third one does something one can see. */
const BEAT_MS = 2_500
const PAUSE_AFTER_TROUBLE_MS = 10_000
const BOOKS: readonly string[] = ['owner', 'admin', 'room_manager', 'member']

/** Makes the demo office live: it books, checks in, misses, moves and types all day, through the public contract alone. */
export function openPulse({ url, people, password, log }: PulseOptions): AsyncDisposable {
  const stop = new AbortController()
  const staff = people.filter(({ role }) => BOOKS.includes(role)).map((who) => new Colleague(url, { ...who, password }))
  const facilities =
    staff[people.filter(({ role }) => BOOKS.includes(role)).findIndex((p) => p.role === 'room_manager')]
  const rooms = new RoomsInUse(facilities ?? (staff[0] as Colleague), staff)
  const done = beatForever()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }

  async function beatForever(): Promise<void> {
    while (!stop.signal.aborted) {
      let pause = BEAT_MS
      try {
        const what = await beat()
        if (what !== undefined) log.debug({ event: 'pulse', what })
      } catch (error) {
        if (stop.signal.aborted) return
        log.debug({ event: 'pulse.trouble', message: (error as Error).message })
        pause = PAUSE_AFTER_TROUBLE_MS
      }
      await delay(pause, undefined, { signal: stop.signal }).catch(() => {})
    }
  }

  function beat(): Promise<string | undefined> {
    if (happens(0.06)) return changeSomething(staff)
    if (happens(0.08)) return typeSomething(url, staff, stop.signal)
    return rooms.visit()
  }
}
