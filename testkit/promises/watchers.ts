import { isDeepStrictEqual } from 'node:util'
import { eventually } from '../eventually.ts'
import type { Item, SocketClient } from '../socket-client.ts'
import type { TestNode } from '../network.ts'
import type { Judge } from './judge.ts'
import { DAY, HOUR, type Office, type Person } from './office.ts'

interface Watcher {
  person: Person
  client: SocketClient
  topics: string[]
}

const MAX_TOLD = 20
/** What a killed worker had in hand waits for its lease of 10 s. */
const HOLDS_END_MS = 20_000

/** Clients that watch rooms, themselves and meetings, and can say afterwards whether they were told everything once. */
export class Watchers {
  readonly all: Watcher[] = []
  readonly #office: Office

  constructor(office: Office) {
    this.#office = office
  }

  get clients(): SocketClient[] {
    return this.all.map(({ client }) => client)
  }

  /** One more socket of this person, at the balancer. */
  async join(person: Person, topics: readonly string[]): Promise<SocketClient> {
    const client = this.#office.network.socket(person.token)
    this.all.push({ person, client, topics: [...topics] })
    for (const topic of topics) await client.watch(topic)
    return client
  }

  /**
   * One sentence for each broken promise: a fault on the way, an event that is missing or doubled, a second snapshot where
   * the log could serve, or a state that, folded from the events, differs from the one that a node gives out now.
   */
  async faults(judge: Judge, nodeFor: (watcher: Watcher) => TestNode): Promise<string[]> {
    await this.#quiet(judge)
    const found = await Promise.all(this.all.map((watcher) => this.#faultsOf(watcher, judge, nodeFor(watcher))))
    // What is wrong is usually wrong for everybody.
    return [...new Set(found.flat())].slice(0, MAX_TOLD)
  }

  /** Holds end by themselves: until those that are about to have ended, more news comes. */
  async #quiet(judge: Judge): Promise<void> {
    await eventually(async () => {
      const standing = await judge.query(`SELECT FROM hold WHERE expires_at < now() + interval '5 s'`)
      return standing.length === 0 ? undefined : `${standing.length} holds are ending`
    }, HOLDS_END_MS)
    await this.#office.network.settle(...this.clients)
  }

  /** Milliseconds from the command to the client, of every event. */
  delays(): number[] {
    return this.clients
      .flatMap(({ items, arrivals }) =>
        items.map(({ topic, seq, at }) => (arrivals.get(`${topic} ${seq}`) as number) - Date.parse(at)),
      )
      .toSorted((a, b) => a - b)
  }

  async #faultsOf({ person, client, topics }: Watcher, judge: Judge, node: TestNode): Promise<string[]> {
    const faults = [...client.faults, ...client.closedTopics.map((topic) => `${topic} was closed`)]
    const fresh = this.#office.network.socket(person.token, node.url)
    for (const topic of topics) {
      const [first, ...more] = client.snapshots.filter((snapshot) => snapshot.topic === topic)
      if (first === undefined) {
        faults.push(`${topic}: never joined`)
        continue
      }
      if (more.length > 0) faults.push(`${topic}: ${more.length} snapshots instead of events`)
      const seqs = client.seqs(topic)
      const head = await judge.head(topic)
      const due = Array.from({ length: head - first.seq }, (_, i) => first.seq + 1 + i)
      if (!isDeepStrictEqual(seqs, due)) faults.push(`${topic}: events ${seqs.join()}, not ${first.seq + 1} to ${head}`)
      // Of floors and dashboards news says what has changed, not what it has become.
      if (/^(floor|dashboard):/.test(topic)) continue
      await fresh.watch(topic)
      const now = Date.now()
      const told = fold(
        topic,
        first.data,
        client.items.filter((item) => item.topic === topic),
        now,
      )
      const truth = fold(topic, fresh.snapshots.at(-1)?.data, [], now)
      faults.push(...differences(told, truth).map((line) => `${topic} (${node.id} now): ${line}`))
    }
    fresh.socket.disconnect()
    return faults
  }
}

/** p50, p99 and the greatest, as words. */
export function summary(sorted: readonly number[]): string {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return `${sorted.length} events, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${sorted.at(-1)} ms`
}

type Told = Map<string, unknown>
interface Entry {
  start: string
}

/** What a client holds that keeps the state of a topic up to date from its events. */
function fold(topic: string, state: unknown, items: readonly Item[], now: number): Told {
  if (topic.startsWith('room:')) return foldRoom(state as RoomState, items, now)
  if (topic.startsWith('person:')) return foldPerson(state as PersonState, items, now)
  return new Map(Object.entries((items.at(-1)?.data ?? state) as object))
}

interface RoomState {
  allocations: (Entry & { allocationId: string; expiresAt?: string })[]
}

function foldRoom(state: RoomState, items: readonly Item[], now: number): Told {
  const spans = new Map(state.allocations.map((span) => [span.allocationId, span]))
  for (const { data } of items) {
    const { booked = [], released = [] } = data as { booked?: RoomState['allocations']; released?: string[] }
    for (const id of released) spans.delete(id)
    for (const span of booked) spans.set(span.allocationId, span)
  }
  // The state ends here; what begins later is told all the same. A hold says itself when it is over.
  return new Map(
    [...spans].filter(
      ([, { start, expiresAt }]) =>
        Date.parse(start) < now + 48 * HOUR && (expiresAt === undefined || Date.parse(expiresAt) > now),
    ),
  )
}

interface PersonState {
  entries: (Entry & { meetingId: string; recurrenceId: string })[]
}

function foldPerson(state: PersonState, items: readonly Item[], now: number): Told {
  let entries = state.entries
  for (const { data } of items) {
    const change = data as PersonState & { meetingId?: string }
    // What else he is told does not change his agenda.
    if (change.meetingId === undefined || change.entries === undefined) continue
    entries = [...entries.filter(({ meetingId }) => meetingId !== change.meetingId), ...change.entries]
  }
  const near = entries.filter(({ start }) => Date.parse(start) < now + 7 * DAY)
  return new Map(near.map((entry) => [`${entry.meetingId} ${entry.recurrenceId}`, entry]))
}

function differences(told: Told, truth: Told): string[] {
  return [...new Set([...told.keys(), ...truth.keys()])].flatMap((key) => {
    const [a, b] = [told.get(key), truth.get(key)]
    return isDeepStrictEqual(a, b) ? [] : [`${key} was told as ${JSON.stringify(a)} and is ${JSON.stringify(b)}`]
  })
}
