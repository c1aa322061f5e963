import { type Random, createRandom } from '../../app/demo/random.ts'
import { eventually } from '../eventually.ts'
import type { TestNode } from '../network.ts'
import type { Judge } from './judge.ts'
import { type Answer, type Office, type Person, span } from './office.ts'

export interface StormOptions {
  /** In the title of every meeting, so in every complaint: the same seed makes every writer choose the same. */
  seed: string
  writers?: number
  /** Where to write; the balancer when there are none. */
  doors?: readonly TestNode[]
}

/** What the writer of a meeting knows about it. */
interface Entry {
  title: string
  writer: Person
  /** `booked` holds what was last acknowledged; a call without an answer makes it `doubtful`. */
  is: 'booked' | 'cancelled' | 'refused' | 'doubtful'
  id?: string
  // oxlint-disable-next-line typescript/no-explicit-any -- the answer's meeting
  view?: any
}

interface Writer {
  person: Person
  others: Person[]
  random: Random
  entries: Entry[]
}

/** Small enough for most bookings to meet another one. */
const SLOTS = 30
const MAX_LIVE = 6
/** After a call that found nobody: the door may be on its way back. */
const SHUT_MS = 200

/**
 * Writers that book, move, confirm and cancel single and recurring meetings over a few hot rooms until told to stop, each
 * keeping a ledger of what it was promised.
 */
export class Storm {
  readonly answers: { status: number; code: string | undefined; ms: number; what: string }[] = []
  /** Answers that no state of the world allows. */
  readonly faults: string[] = []
  readonly #office: Office
  readonly #seed: string
  readonly #doors: readonly TestNode[]
  readonly #writers: Writer[]
  readonly #running: Promise<unknown>
  #answered = 0
  #stopped = false

  constructor(office: Office, { seed, writers = 8, doors = [] }: StormOptions) {
    this.#office = office
    this.#seed = seed
    this.#doors = doors
    this.#writers = Array.from({ length: writers }, (_, i) => {
      const person = office.people[i % office.people.length] as Person
      const others = office.people.filter((one) => one !== person)
      return { person, others, random: createRandom(`${seed} ${i}`), entries: [] }
    })
    this.#running = Promise.all(this.#writers.map((writer, i) => this.#write(writer, i)))
  }

  /** Resolves after so many more answers; calls that found nobody do not count. */
  async goesOn(count: number, limitMs = 20_000): Promise<void> {
    const goal = this.#answered + count
    await eventually(async () => {
      return this.#answered < goal ? `${goal - this.#answered} of ${count} answers are missing` : undefined
    }, limitMs)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { what, status } of this.answers) counts[`${what} ${status}`] = (counts[`${what} ${status}`] ?? 0) + 1
    return counts
  }

  /** Meetings of a person that stand, as far as he was told. */
  meetingsOf(person: Person): string[] {
    return this.#entries()
      .filter((entry) => entry.writer === person && entry.is === 'booked')
      .map((entry) => entry.id as string)
  }

  /** What the writers were told and what the store holds, where they differ. */
  async disagreements(judge: Judge): Promise<string[]> {
    const rows = await judge.query<{
      title: string
      id: string
      status: string
      version: number
      at: string
      rooms: string[]
    }>(
      `SELECT title, id, status, version, to_char(starts_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, room_ids AS rooms
       FROM meeting WHERE title LIKE $1`,
      [`${this.#seed} %`],
    )
    const stored = new Map(rows.map((row) => [row.title, row]))
    return this.#entries().flatMap((entry): string[] => {
      const { title, is, view } = entry
      const row = stored.get(title)
      if (is === 'doubtful')
        return entry.id === undefined || row !== undefined ? [] : [`${title} was acknowledged and is gone`]
      if (is === 'refused') return row === undefined ? [] : [`${title} was refused and is there`]
      if (row === undefined) return [`${title} was acknowledged and is gone`]
      if (is === 'cancelled') return row.status === 'cancelled' ? [] : [`${title} was cancelled and is ${row.status}`]
      const told = [view.id, view.status, view.version, view.startTime, ...view.roomIds].join(' ')
      const is_ = [row.id, row.status, row.version, row.at, ...row.rooms].join(' ')
      return told === is_ ? [] : [`${title} was told to be ${told} and is ${is_}`]
    })
  }

  #entries(): Entry[] {
    return this.#writers.flatMap((writer) => writer.entries)
  }

  async #write(writer: Writer, index: number): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const live = writer.entries.filter((entry) => entry.is === 'booked')
      const what =
        live.length >= MAX_LIVE ? 'cancel' : writer.random.weighted(live.length === 0 ? BOOKING : EVERYTHING).what
      const entry = live.length === 0 ? undefined : writer.random.pick(live)
      const answer = await this.#act(writer, what, entry, `${this.#seed} w${index} t${turn}`)
      this.answers.push({ status: answer.status, code: answer.body?.code, ms: answer.ms, what })
      if (answer.status !== 0) this.#answered += 1
      else await new Promise((resolve) => setTimeout(resolve, SHUT_MS))
    }
  }

  async #act(writer: Writer, what: What, entry: Entry | undefined, title: string): Promise<Answer> {
    if (what === 'read') return this.#judged(what, title, await this.#read(writer))
    if (what === 'hold') return this.#hold(writer, title)
    if (what === 'book' || entry === undefined) return this.#book(writer, title)
    const before = entry.is
    entry.is = 'doubtful'
    const answer = await (what === 'cancel' ? this.#cancel(writer, entry) : this.#change(writer, what, entry))
    this.#judged(what, entry.title, answer)
    if (answer.status === 200)
      Object.assign(entry, { view: answer.body, is: answer.body.status === 'cancelled' ? 'cancelled' : before })
    else if (answer.status === 204) entry.is = 'cancelled'
    else if (isRefusal(answer)) entry.is = before
    return answer
  }

  async #book(writer: Writer, title: string): Promise<Answer> {
    const { random, person, others } = writer
    const entry: Entry = { title, writer: person, is: 'doubtful' }
    writer.entries.push(entry)
    const rooms = random.shuffled(this.#office.rooms).slice(0, random.chance(0.2) ? 2 : 1)
    const isSeries = random.chance(0.3)
    const body = {
      title,
      ...span(this.#office.at(random.between(0, SLOTS - 1)), random.between(1, 2)),
      ...(random.chance(0.3) && { status: 'tentative' }),
      ...(random.chance(0.5) && { participants: [{ userId: random.pick(others).id }] }),
      ...(isSeries && { recurrencePattern: { rrule: `FREQ=DAILY;COUNT=${random.between(2, 6)}` } }),
      ...(isSeries && random.chance(0.5) && { onConflict: 'skip' }),
    }
    const answer =
      rooms.length === 1 && random.chance(0.5)
        ? await this.#call(writer, 'POST', `/rooms/${rooms[0]}/book`, { body })
        : await this.#call(writer, 'POST', '/meetings', { body: { ...body, roomIds: rooms } })
    this.#judged('book', title, answer)
    if (answer.status === 201)
      Object.assign(entry, { is: 'booked', id: answer.body.meeting.id, view: answer.body.meeting })
    else if (isRefusal(answer)) entry.is = 'refused'
    return answer
  }

  /** Holds a slot for a moment; half of them are booked, the others left to their end. */
  async #hold(writer: Writer, title: string): Promise<Answer> {
    const { random, person } = writer
    const { startTime: start, endTime: end } = span(this.#office.at(random.between(0, SLOTS - 1)))
    const place = { resourceIds: [random.pick(this.#office.rooms)], start, end, ttlSeconds: random.between(1, 2) }
    const placed = this.#judged('hold', title, await this.#call(writer, 'POST', '/holds', { body: place }))
    if (placed.status !== 201 || random.chance(0.5)) return placed
    const entry: Entry = { title, writer: person, is: 'doubtful' }
    writer.entries.push(entry)
    const body = { title, timezone: 'UTC' }
    const answer = await this.#call(writer, 'POST', `/holds/${placed.body.id}/convert`, { body })
    this.#judged('convert', title, answer)
    if (answer.status === 201)
      Object.assign(entry, { is: 'booked', id: answer.body.meeting.id, view: answer.body.meeting })
    else if (isRefusal(answer)) entry.is = 'refused'
    return answer
  }

  #change(writer: Writer, what: 'move' | 'confirm', { id, view }: Entry): Promise<Answer> {
    const { random } = writer
    const moved = {
      ...(random.chance(0.7) && span(this.#office.at(random.between(0, SLOTS - 1)), random.between(1, 2))),
      ...(random.chance(0.5) && { roomIds: [random.pick(this.#office.rooms)] }),
    }
    const body = { ...(what === 'confirm' ? { status: 'confirmed' } : moved), version: view.version }
    return this.#call(writer, 'PUT', `/meetings/${id}`, { body })
  }

  #cancel(writer: Writer, { id }: Entry): Promise<Answer> {
    return writer.random.chance(0.5)
      ? this.#call(writer, 'DELETE', `/meetings/${id}`)
      : this.#call(writer, 'POST', `/meetings/${id}/cancel`, { body: {} })
  }

  #read(writer: Writer): Promise<Answer> {
    const { random } = writer
    const room = random.pick(this.#office.rooms)
    const { startTime, endTime } = span(this.#office.at(random.between(0, SLOTS - 1)))
    const paths = [
      `/rooms/${room}/schedule`,
      '/meetings?limit=20',
      `/rooms/available?startTime=${startTime}&endTime=${endTime}`,
    ]
    return this.#call(writer, 'GET', random.pick(paths))
  }

  #call(writer: Writer, method: string, path: string, options: { body?: unknown } = {}): Promise<Answer> {
    const at = this.#doors.length === 0 ? undefined : writer.random.pick(this.#doors)
    return this.#office.call(method, path, { as: writer.person, ...(at && { at }), ...options })
  }

  #judged(what: Judged, title: string, answer: Answer): Answer {
    const { status, body, text } = answer
    const isFine =
      status === DONE[what] ||
      (what === 'cancel' && status === 204) ||
      // Of one's own there are five at most.
      (what === 'hold' && status === 422 && body.code === 'too_large') ||
      // It was over before it came to that.
      (what === 'convert' && status === 404) ||
      (what !== 'read' && status === 409 && body.code === 'slot_conflict' && body.conflicts.length > 0) ||
      [0, 429, 502, 503].includes(status)
    if (!isFine) this.faults.push(`${what} ${title}: ${status} ${text}`)
    return answer
  }
}

const EVERYTHING = [
  { what: 'book', weight: 5 },
  { what: 'move', weight: 3 },
  { what: 'confirm', weight: 1 },
  { what: 'cancel', weight: 2 },
  { what: 'hold', weight: 2 },
  { what: 'read', weight: 2 },
] as const
const BOOKING = EVERYTHING.filter(({ what }) => what === 'book')
type What = (typeof EVERYTHING)[number]['what']
type Judged = What | 'convert'

const DONE: Record<Judged, number> = {
  book: 201,
  move: 200,
  confirm: 200,
  cancel: 200,
  read: 200,
  hold: 201,
  convert: 201,
}

/** An answer after which nothing may have happened. */
function isRefusal({ status, body }: Answer): boolean {
  return (status >= 400 && status < 500) || (status === 503 && body.code === 'unavailable')
}
