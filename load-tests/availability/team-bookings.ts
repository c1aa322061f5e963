import { setTimeout as delay } from 'node:timers/promises'
import type { TestNode } from '../../testkit/network.ts'
import { type Office, type Person, iso } from '../../testkit/promises/office.ts'
import { SLOT_MS } from './watchers-process.ts'

export interface Served {
  /** Milliseconds from sending to the answer of each booking. */
  answers: number[]
  refused: string[]
}

const TEAM = 3
const SEED = 20_261_122

/** Meetings of three out of everybody, each in a half hour in which none of them has one yet. */
export class TeamBookings {
  readonly #call: Office['call']
  readonly #people: readonly Person[]
  readonly #nodes: readonly TestNode[]
  readonly #from: number
  readonly #slots: number
  /** By person: what was asked for, however it was answered. */
  readonly #taken = new Map<string, Set<number>>()
  #state = SEED

  constructor(
    { call }: Pick<Office, 'call'>,
    people: readonly Person[],
    nodes: readonly TestNode[],
    { from, slots }: { from: number; slots: number },
  ) {
    this.#call = call
    this.#people = people
    this.#nodes = nodes
    this.#from = from
    this.#slots = slots
  }

  /** Open loop: each is sent when its time has come, whether the ones before were answered or not. */
  async run(perSecond: number, seconds: number): Promise<Served> {
    const served: Served = { answers: [], refused: [] }
    const started = performance.now()
    const open: Promise<void>[] = []
    for (let i = 0; i < perSecond * seconds; i++) {
      const wait = started + (i * 1_000) / perSecond - performance.now()
      if (wait > 1) await delay(wait)
      open.push(this.#book(served, i))
    }
    await Promise.all(open)
    return served
  }

  async #book(served: Served, turn: number): Promise<void> {
    const { team, slot } = this.#next()
    const [organizer, ...others] = team as [Person, ...Person[]]
    const { status, body, ms } = await this.#call('POST', '/meetings', {
      at: this.#nodes[turn % this.#nodes.length] as TestNode,
      as: organizer,
      body: {
        title: 'Under load',
        startTime: iso(slot),
        endTime: iso(slot + SLOT_MS),
        timezone: 'UTC',
        participants: others.map(({ id }) => ({ userId: id })),
      },
    })
    if (status === 201) {
      served.answers.push(ms)
      return
    }
    served.refused.push(`${status} ${body?.code ?? 'without an answer'} after ${Math.round(ms)} ms`)
  }

  #next(): { team: Person[]; slot: number } {
    for (;;) {
      const team = [...new Set(Array.from({ length: TEAM }, () => this.#people[this.#random(this.#people.length)]!))]
      const slot = this.#from + this.#random(this.#slots) * SLOT_MS
      if (team.length < TEAM || team.some(({ id }) => this.#taken.get(id)?.has(slot) === true)) continue
      for (const { id } of team) this.#taken.set(id, (this.#taken.get(id) ?? new Set()).add(slot))
      return { team, slot }
    }
  }

  /** Park and Miller's: the same teams and slots in every run. */
  #random(below: number): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647
    return this.#state % below
  }
}
