import { type Readable, createStore } from '../client/store.ts'
import type { Topics } from '../client/topics.ts'
import type { Span } from './day-axis.ts'
import type { Verdict } from './shapes.ts'
import type { Watched } from './use-availability.ts'

/** What the server says to one span. */
export interface Judged {
  span: Span
  verdicts: readonly Verdict[]
}

interface DragAck {
  dragId: string
  verdicts: Verdict[]
  throttled?: boolean
}

/** The server takes ten moves a second. */
const PACE_MS = 110

/**
 * Asks the server what everybody says to a span while it moves. Invariant: one question is under way at a time, and the last
 * span asked for is always asked in the end.
 */
export class VerdictLine {
  readonly #topics: Topics
  readonly #subjects: readonly Watched[]
  readonly #meeting: { meetingId: string; recurrenceId?: string } | undefined
  readonly #judged = createStore<Judged | undefined>(undefined)
  readonly #endListening: () => void
  #dragId: string | undefined
  #wanted: Span | undefined
  #asked: Span | undefined
  #isAsking = false
  #isOver = false

  constructor(topics: Topics, subjects: readonly Watched[], meeting?: { meetingId: string; recurrenceId?: string }) {
    this.#topics = topics
    this.#subjects = subjects
    this.#meeting = meeting
    this.#endListening = topics.listen('drag', (data) => this.#hear(data as DragAck))
  }

  get judged(): Readable<Judged | undefined> {
    return this.#judged
  }

  move(span: Span): void {
    this.#wanted = span
    if (!this.#isAsking) void this.#askOn()
  }

  end(): void {
    this.#isOver = true
    this.#endListening()
    if (this.#dragId !== undefined) void this.#topics.ask('drag.end', { dragId: this.#dragId })
  }

  async #askOn(): Promise<void> {
    this.#isAsking = true
    while (!this.#isOver && this.#wanted !== undefined && this.#wanted !== this.#asked) {
      const span = this.#wanted
      const startedAt = Date.now()
      const answer = await this.#ask(span)
      if (answer.ok) {
        this.#dragId = answer.value.dragId ?? this.#dragId
        if (!answer.value.throttled) {
          this.#asked = span
          this.#judged.set({ span, verdicts: answer.value.verdicts })
        }
      } else {
        // Its drag may have ended with the node or by idling: the next question begins another one.
        this.#dragId = undefined
        this.#asked = span
      }
      await pause(startedAt + PACE_MS - Date.now())
    }
    this.#isAsking = false
    if (this.#isOver && this.#dragId !== undefined) void this.#topics.ask('drag.end', { dragId: this.#dragId })
  }

  #ask({ start, end }: Span) {
    const times = { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
    if (this.#dragId !== undefined) {
      return this.#topics.ask<DragAck>('drag.move', { dragId: this.#dragId, ...times })
    }
    const subjects = this.#subjects.map(({ id, kind }) => (kind === 'person' ? { userId: id } : { roomId: id }))
    return this.#topics.ask<DragAck>('drag.start', { subjects, ...times, ...this.#meeting })
  }

  /** What it lies over has changed. */
  #hear({ dragId, verdicts }: DragAck): void {
    if (dragId === this.#dragId && this.#asked !== undefined) this.#judged.set({ span: this.#asked, verdicts })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
