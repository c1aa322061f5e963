import type { TestNode } from '../../testkit/network.ts'
import { type Answer, type Office, type Person, iso } from '../../testkit/promises/office.ts'
import { type Served, serveSteadily } from '../bench/served.ts'
import { SLOT_MS } from './watchers-process.ts'

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

  run(perSecond: number, seconds: number): Promise<Served> {
    return serveSteadily(perSecond, seconds, (turn) => this.#book(turn))
  }

  #book(turn: number): Promise<Answer> {
    const { team, slot } = this.#next()
    const [organizer, ...others] = team as [Person, ...Person[]]
    return this.#call('POST', '/meetings', {
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
