import { type Client, createClient } from 'graphql-ws'
import { isDeepStrictEqual } from 'node:util'
import { WebSocket } from 'ws'
import type { Cursor, Item } from '../socket-client.ts'

/** What a subscription is asked with; `after` is added to it. */
export interface Subscription {
  query: string
  variables: Record<string, unknown>
  /** Where it stands in each; a single one is resumed by its cursor alone. */
  topics: readonly string[]
}

export interface GraphItem extends Item {
  /** The fields of its own type: what has become of the subject. */
  shown: unknown
}

const AGAIN_MS = 50
const COMMON = 'topic epoch seq type at data'
const BOOKING = '{ allocationId meetingId start end title organizer }'
const STATE = `{ roomId status current ${BOOKING} next ${BOOKING} freeUntil }`

export const meetingChanged = (id: string): Subscription => ({
  query: `subscription Meeting($id: ID!, $after: CursorInput) { item: meetingChanged(id: $id, after: $after) {
    ${COMMON} meeting { id version title description status startTime roomIds participants { userId email } } } }`,
  variables: { id },
  topics: [`meeting:${id}`],
})

export const agendaChanged = (userId: string): Subscription => ({
  query: `subscription Agenda($id: ID!, $after: CursorInput) { item: agendaChanged(userId: $id, after: $after) {
    ${COMMON} meetingId entries { meetingId recurrenceId title start end } } }`,
  variables: { id: userId },
  topics: [`person:${userId}`],
})

export const roomStates = (ids: readonly string[]): Subscription => ({
  query: `subscription Rooms($ids: [ID!]!, $after: [CursorInput!]) { item: roomState(ids: $ids, after: $after) {
    ${COMMON} roomId state ${STATE} } }`,
  variables: { ids },
  topics: ids.map((id) => `room:${id}`),
})

export const floorState = (id: string): Subscription => ({
  query: `subscription Floor($id: ID!, $after: CursorInput) { item: floorState(floorId: $id, after: $after) {
    ${COMMON} floor { rooms { room { id name } state ${STATE} } } } }`,
  variables: { id },
  topics: [`floor:${id}`],
})

export const dashboard = (scope: string): Subscription => ({
  query: `subscription Dashboard($id: ID!, $after: CursorInput) { item: dashboard(kind: ROOMS, scope: $id, after: $after) {
    ${COMMON} dashboard { totals { rooms free reserved bookingsToday } } } }`,
  variables: { id: scope },
  topics: [`dashboard:rooms:${scope}`],
})

/**
 * A person at the subscriptions, on the stock graphql-ws client: each is asked again after every break, from the last item on.
 * Everything it got is kept, and what broke the promise of no gap, no duplicate and no reorder is in `faults`.
 */
export class GraphWatcher implements AsyncDisposable {
  readonly items: GraphItem[] = []
  readonly snapshots: GraphItem[] = []
  readonly faults: string[] = []
  /** Codes with which connections ended; 1006: it broke. */
  readonly closes: number[] = []
  /** Codes of subscriptions that were refused, and are not asked again. */
  readonly refusals: string[] = []
  readonly #client: Client
  readonly #cursors = new Map<string, Cursor>()
  #isOver = false

  constructor(url: string, token: string) {
    this.#client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token },
      retryAttempts: 0,
      on: { closed: (event) => this.closes.push((event as { code: number }).code) },
    })
  }

  cursor(topic: string): Cursor | undefined {
    return this.#cursors.get(topic)
  }

  /** Asks until it is over or refused. */
  follow(subscription: Subscription): this {
    const again = () => void (this.#isOver || setTimeout(() => this.#isOver || this.follow(subscription), AGAIN_MS))
    this.#client.subscribe<{ item: object }>(
      { query: subscription.query, variables: { ...subscription.variables, after: this.#after(subscription) } },
      {
        next: ({ data, errors }) => {
          if (data) this.#accept(data.item as Item)
          else this.refusals.push(codeOf(errors))
        },
        error: (error) => {
          if (Array.isArray(error)) this.refusals.push(codeOf(error))
          else again()
        },
        complete: () => this.refusals.length > 0 || again(),
      },
    )
    return this
  }

  /** Last typed state of a topic. */
  shown(topic: string): unknown {
    const last = (list: GraphItem[]) => list.findLast((item) => item.topic === topic)
    const [item, snapshot] = [last(this.items), last(this.snapshots)]
    return (item?.seq ?? -1) > (snapshot?.seq ?? -1) ? item?.shown : snapshot?.shown
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    // One that is connecting may fail at it, and nobody needs it any more.
    await Promise.resolve(this.#client.dispose()).catch(() => {})
  }

  #after({ topics }: Subscription): unknown {
    const known = topics.flatMap((topic) => {
      const cursor = this.#cursors.get(topic)
      return cursor === undefined ? [] : [{ topic, ...cursor }]
    })
    return topics.length > 1 ? known : known[0]
  }

  #accept({ topic, epoch, seq, type, at, data, ...shown }: Item): void {
    const before = this.#cursors.get(topic)
    const item = { topic, epoch, seq, type, at, data, shown }
    if (type === 'snapshot') this.snapshots.push(item)
    else {
      if (before === undefined) this.faults.push(`${topic}: ${seq} before a snapshot`)
      else if (epoch !== before.epoch) this.faults.push(`${topic}: epoch ${before.epoch} became ${epoch} unsaid`)
      else if (seq !== before.seq + 1) this.faults.push(`${topic}: ${seq} after ${before.seq}`)
      this.items.push(item)
    }
    this.#cursors.set(topic, { epoch, seq })
  }
}

/** One sentence for each way in which subscriptions said something else than sockets did. */
export function disagreements(
  watchers: readonly GraphWatcher[],
  sockets: readonly { items: readonly Item[] }[],
  heads: ReadonlyMap<string, number>,
): string[] {
  const said = new Map(sockets.flatMap(({ items }) => items).map((item) => [`${item.topic} ${item.seq}`, item]))
  return watchers.flatMap((watcher) => {
    const faults = [...watcher.faults, ...watcher.refusals.map((code) => `refused: ${code}`)]
    for (const { topic, epoch, seq, type, at, data } of watcher.items) {
      const other = said.get(`${topic} ${seq}`)
      const isSame = other === undefined || isDeepStrictEqual({ topic, epoch, seq, type, at, data }, pick(other))
      if (!isSame)
        faults.push(`${topic} ${seq} is ${JSON.stringify(data)}, on the socket ${JSON.stringify(other.data)}`)
    }
    for (const [topic, all] of Map.groupBy(watcher.snapshots, (item) => item.topic)) {
      if (all.length > 1) faults.push(`${topic}: ${all.length - 1} snapshots instead of events`)
      const [first] = all as [GraphItem]
      const seqs = watcher.items.filter((item) => item.topic === topic).map(({ seq }) => seq)
      const due = Array.from({ length: (heads.get(topic) ?? 0) - first.seq }, (_, i) => first.seq + 1 + i)
      if (!isDeepStrictEqual(seqs, due)) faults.push(`${topic}: events ${seqs.join()}, not ${due.join()}`)
    }
    return faults
  })
}

function pick({ topic, epoch, seq, type, at, data }: Item): Item {
  return { topic, epoch, seq, type, at, data }
}

function codeOf(errors: readonly unknown[] | undefined): string {
  return (errors as { extensions?: { code?: string } }[] | undefined)?.[0]?.extensions?.code ?? 'no code'
}
