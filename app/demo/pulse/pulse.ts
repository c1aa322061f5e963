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
  /** The first may use every room and speaks for the sensors. */
  people: readonly { name: string; email: string }[]
  password: string
  log: Logger
}

/** About every third one does something one can see. */
const BEAT_MS = 2_500
/** Who has just started the office wants to see people in it. */
const FIRST_BEATS = 40
const FIRST_BEAT_MS = 750
const PAUSE_AFTER_TROUBLE_MS = 10_000

/** Makes the demo office live: it books, checks in, misses, moves and types all day, through the public contract alone. */
export function openPulse({ url, people, password, log }: PulseOptions): AsyncDisposable {
  const stop = new AbortController()
  const staff = people.map((who) => new Colleague(url, { ...who, password }))
  const rooms = new RoomsInUse(staff[0] as Colleague, staff)
  const done = beatForever()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }

  async function beatForever(): Promise<void> {
    for (let beats = 0; !stop.signal.aborted; beats++) {
      let pause = beats < FIRST_BEATS ? FIRST_BEAT_MS : BEAT_MS
      try {
        const what = await beat(beats)
        if (what !== undefined) log.debug({ event: 'pulse', what })
      } catch (error) {
        if (stop.signal.aborted) return
        log.debug({ event: 'pulse.trouble', message: (error as Error).message })
        pause = PAUSE_AFTER_TROUBLE_MS
      }
      await delay(pause, undefined, { signal: stop.signal }).catch(() => {})
    }
  }

  function beat(count: number): Promise<string | undefined> {
    if (count < FIRST_BEATS) return rooms.visit()
    if (happens(0.06)) return changeSomething(staff)
    if (happens(0.08)) return typeSomething(url, staff, stop.signal)
    return rooms.visit()
  }
}
