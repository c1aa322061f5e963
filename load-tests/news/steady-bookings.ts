import { type Answer, type Office, iso } from '../../testkit/promises/office.ts'
import type { TestNode } from '../../testkit/network.ts'
import { type Served, serveSteadily } from '../bench/served.ts'

/** Takes turns through rooms and people; no slot is asked for twice. */
export class SteadyBookings {
  readonly #office: Office
  readonly #nodes: readonly TestNode[]
  #sent = 0

  constructor(office: Office, nodes: readonly TestNode[]) {
    this.#office = office
    this.#nodes = nodes
  }

  run(perSecond: number, seconds: number): Promise<Served> {
    return serveSteadily(perSecond, seconds, () => this.#book())
  }

  #book(): Promise<Answer> {
    const { rooms, people, call, at } = this.#office
    const turn = this.#sent++
    const start = at(Math.floor(turn / rooms.length), 1)
    return call('POST', '/meetings', {
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
  }
}
