import { setTimeout as delay } from 'node:timers/promises'
import { type Office, iso } from '../../testkit/promises/office.ts'
import type { TestNode } from '../../testkit/network.ts'

export interface Served {
  /** Milliseconds from sending to the answer of each booking. */
  answers: number[]
  /** What was answered instead of 201, in words. */
  refused: string[]
}

/** Takes turns through rooms and people; no slot is asked for twice. */
export class SteadyBookings {
  readonly #office: Office
  readonly #nodes: readonly TestNode[]
  #sent = 0

  constructor(office: Office, nodes: readonly TestNode[]) {
    this.#office = office
    this.#nodes = nodes
  }

  /** Open loop: each is sent when its time has come, whether the ones before were answered or not. */
  async run(perSecond: number, seconds: number): Promise<Served> {
    const served: Served = { answers: [], refused: [] }
    const started = performance.now()
    const open: Promise<void>[] = []
    for (let i = 0; i < perSecond * seconds; i++) {
      const wait = started + (i * 1_000) / perSecond - performance.now()
      if (wait > 1) await delay(wait)
      open.push(this.#book(served))
    }
    await Promise.all(open)
    return served
  }

  async #book(served: Served): Promise<void> {
    const { rooms, people, call, at } = this.#office
    const turn = this.#sent++
    const start = at(Math.floor(turn / rooms.length), 1)
    const answer = await call('POST', '/meetings', {
      at: this.#nodes[turn % this.#nodes.length] as TestNode,
      as: people[turn % people.length] as Office['owner'],
      body: {
        title: 'Under load',
        startTime: iso(start),
        endTime: iso(start + 1_800_000),
        timezone: 'UTC',
        roomIds: [rooms[turn % rooms.length]],
      },
    })
    if (answer.status === 201) served.answers.push(answer.ms)
    else
      served.refused.push(
        `${answer.status} ${answer.body?.code ?? 'without an answer'} after ${Math.round(answer.ms)} ms`,
      )
  }
}
