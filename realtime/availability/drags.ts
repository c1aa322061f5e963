import { type MovedMeeting, headsWith } from '../../domain/availability/moved-meeting.ts'
import { type JudgedSpan, type Verdict, verdictOf } from '../../domain/availability/verdicts.ts'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { BOUNDS } from '../../domain/meetings/meeting.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { type Interval, DAY_MS, instant, plus } from '../../domain/time/instant.ts'
import type { Watcher } from '../newsroom.ts'
import { TokenBucket } from '../token-bucket.ts'
import { maySeeAll } from './may-see.ts'
import { Reading } from './reading.ts'
import type { SubjectRef, SubjectTimes } from './subject-times.ts'

export interface StartDrag extends Interval {
  subjects: readonly SubjectRef[]
  /** What is moved: it is never in its own way. */
  moved?: Moved | undefined
}

type Moved = Pick<MovedMeeting, 'meetingId' | 'recurrenceId'>

export interface DragsDeps extends Clock, Ids {
  times: SubjectTimes
  /** The meeting as it is. Refuses like a change of it. */
  movable: (actor: Actor, moved: Moved) => Promise<Result<MovedMeeting, Refusal>>
}

/** Who drags. */
export interface Dragger extends Pick<Watcher, 'id' | 'actor' | 'mayTakeEvents'> {
  sendDrag: (drag: DragVerdicts) => void
}

export interface DragVerdicts {
  dragId: string
  verdicts: Verdict[]
}

interface Drag {
  readonly id: string
  readonly dragger: Dragger
  readonly subjects: readonly SubjectRef[]
  readonly moved: MovedMeeting | undefined
  /** Who want seats: of a meeting that is moved its people and those beside them, else the dragger and these. */
  readonly heads: number
  readonly bucket: TokenBucket
  span: Interval
  /** Where a move that came too fast has brought it: judged as soon as that is due. */
  late: Interval | undefined
  /** What is read: the days around the span, so that most moves need nothing of the store. */
  window: Interval
  reading: Reading
  /** What the dragger was told last. */
  told: Verdict[]
  movedAt: number
}

/** A hand has one; a few for tabs and touches that were lost. */
const MAX_DRAGS = 5
const MOVES_PER_SECOND = 10
/** Moves of one drag that may come together after a stutter of the network. */
const MOVE_BURST = 3
/** Nobody holds a thing in the air for so long without moving it. */
const IDLE_MS = 60_000
const SWEEP_MS = 5_000
/** What is said by itself: as often as moves are answered. */
const TELL_MS = 100

/**
 * What is being dragged on this node. Invariant: a drag ends with its socket, its rights or a minute of rest; until then its dragger
 * is told the verdicts whenever they become others.
 */
export class Drags implements Disposable {
  readonly #deps: DragsDeps
  readonly #byDragger = new Map<string, Map<string, Drag>>()
  readonly #due = new Set<Drag>()
  readonly #telling = setInterval(() => this.#tell(), TELL_MS).unref()
  readonly #sweep = setInterval(() => this.#endIdle(), SWEEP_MS).unref()

  constructor(deps: DragsDeps) {
    this.#deps = deps
  }

  /** Refuses with `not_found`, `forbidden`, `illegal_transition`, `invalid_time`, `too_large`, `unavailable`. */
  async start(dragger: Dragger, { subjects, moved, start, end }: StartDrag): Promise<Result<DragVerdicts, Refusal>> {
    const span = { start, end }
    const wrong = maySeeAll(dragger.actor, subjects) ? wrongSpan(span) : refuse('not_found')
    if (wrong !== undefined) return err(wrong)
    const movable = moved === undefined ? undefined : await this.#deps.movable(dragger.actor, moved)
    if (movable?.ok === false) return movable
    if ((this.#byDragger.get(dragger.id)?.size ?? 0) >= MAX_DRAGS) {
      return err(refuse('too_large', `A socket drags at most ${MAX_DRAGS} things at once.`))
    }
    const now = performance.now()
    const window = around(span)
    const people = subjects.flatMap(({ kind, id }) => (kind === 'person' ? id : []))
    const party = movable?.value ?? { organizerId: dragger.actor.userId, participants: [] }
    const drag: Drag = {
      ...{ id: this.#deps.newId(), dragger, subjects, moved: movable?.value, heads: headsWith(party, people) },
      ...{ bucket: new TokenBucket(MOVES_PER_SECOND, MOVE_BURST, now), span, late: undefined, window, movedAt: now },
      ...{ told: [], reading: this.#read(dragger.actor, subjects, window, () => this.#due.add(drag)) },
    }
    this.#enter(drag)
    if (!(await drag.reading.known)) {
      this.#end(drag)
      return err(refuse('unavailable'))
    }
    if (!drag.reading.isComplete) {
      this.#end(drag)
      return err(refuse('not_found'))
    }
    return ok({ dragId: drag.id, verdicts: this.#judge(drag) })
  }

  /**
   * A move that comes too fast is answered with what was said last; the last of them is judged when the next could be answered, and
   * told if it is said otherwise. Refuses with `not_found`, `invalid_time`, `too_large`.
   */
  async move(
    dragger: Pick<Dragger, 'id'>,
    dragId: string,
    span: Interval,
  ): Promise<Result<{ verdicts: Verdict[]; throttled?: true }, Refusal>> {
    const drag = this.#byDragger.get(dragger.id)?.get(dragId)
    if (drag === undefined) return err(refuse('not_found', 'That drag has ended.'))
    const wrong = wrongSpan(span)
    if (wrong !== undefined) return err(wrong)
    drag.movedAt = performance.now()
    if (!drag.bucket.take(drag.movedAt)) {
      drag.late = span
      this.#due.add(drag)
      return ok({ verdicts: drag.told, throttled: true })
    }
    this.#place(drag, span)
    // Where the store is away it is `unknown`, and told when it is known.
    await drag.reading.known
    return ok({ verdicts: this.#judge(drag) })
  }

  end(dragger: Pick<Dragger, 'id'>, dragId: string): void {
    const drag = this.#byDragger.get(dragger.id)?.get(dragId)
    if (drag !== undefined) this.#end(drag)
  }

  leave(dragger: Pick<Dragger, 'id'>): void {
    for (const drag of this.#byDragger.get(dragger.id)?.values() ?? []) this.#end(drag)
  }

  /** The dragger's actor has other rights: he is told no more of whom he may not know of. */
  judgeAnew(dragger: Pick<Dragger, 'id' | 'actor'>): void {
    for (const drag of this.#byDragger.get(dragger.id)?.values() ?? []) {
      if (!maySeeAll(dragger.actor, drag.subjects)) this.#end(drag)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#telling)
    clearInterval(this.#sweep)
  }

  #read(actor: Actor, subjects: readonly SubjectRef[], window: Interval, onRead: () => void): Reading {
    return new Reading(this.#deps.times, actor.organizationId, { subjects, window }, onRead)
  }

  /** The new window is used before the old one is left, so that nobody is forgotten in between. */
  #place(drag: Drag, span: Interval): void {
    drag.span = span
    drag.late = undefined
    if (span.start >= drag.window.start && span.end <= drag.window.end) return
    const { reading: before, dragger, subjects } = drag
    drag.window = around(span)
    drag.reading = this.#read(dragger.actor, subjects, drag.window, () => this.#due.add(drag))
    before.end()
  }

  #judge(drag: Drag): Verdict[] {
    drag.told = verdictsOf(drag, this.#deps)
    if (drag.late === undefined) this.#due.delete(drag)
    return drag.told
  }

  #tell(): void {
    for (const drag of this.#due) {
      // A slow reader keeps what he has until he has caught up; only the last verdicts matter.
      if (!drag.dragger.mayTakeEvents()) continue
      if (drag.late !== undefined) {
        if (!drag.bucket.take(performance.now())) continue
        this.#place(drag, drag.late)
      }
      if (!drag.reading.isSettled) continue
      const before = JSON.stringify(drag.told)
      const verdicts = this.#judge(drag)
      if (JSON.stringify(verdicts) !== before) drag.dragger.sendDrag({ dragId: drag.id, verdicts })
    }
  }

  #enter(drag: Drag): void {
    const own = this.#byDragger.get(drag.dragger.id)
    if (own === undefined) this.#byDragger.set(drag.dragger.id, new Map([[drag.id, drag]]))
    else own.set(drag.id, drag)
  }

  #end(drag: Drag): void {
    drag.reading.end()
    this.#due.delete(drag)
    const own = this.#byDragger.get(drag.dragger.id)
    own?.delete(drag.id)
    if (own?.size === 0) this.#byDragger.delete(drag.dragger.id)
  }

  #endIdle(): void {
    const before = performance.now() - IDLE_MS
    for (const own of this.#byDragger.values()) {
      for (const drag of own.values()) if (drag.movedAt < before) this.#end(drag)
    }
  }
}

function verdictsOf(drag: Drag, { now }: Clock): Verdict[] {
  const { subjects, dragger, reading, span, moved, heads } = drag
  const facts = subjects.map(({ id }) => reading.factsOf(id))
  const judged: JudgedSpan = {
    ...{ start: span.start, end: span.end, moved, isRecurring: moved?.isRecurring ?? false, heads },
    viewer: { userId: dragger.actor.userId, now: now() },
    seats: facts.reduce((sum, one) => sum + (one?.kind === 'room' ? one.room.capacity : 0), 0),
  }
  return subjects.map(({ id, kind }, i) => {
    const one = facts[i]
    if (one !== undefined && reading.isKnown(id)) return verdictOf(one, judged)
    return { id, kind, verdict: 'unknown', reason: 'Not known at the moment.' }
  })
}

function around({ start, end }: Interval): Interval {
  const midnight = instant(Math.floor(start / DAY_MS) * DAY_MS)
  return { start: plus(midnight, -DAY_MS), end: plus(end, 2 * DAY_MS) }
}

function wrongSpan({ start, end }: Interval): Refusal | undefined {
  if (end - start > BOUNDS.durationMs) return refuse('too_large', 'A meeting spans at most 14 days.')
  if (end > start) return undefined
  const detail = 'must be after start'
  return refuse('invalid_time', `/end ${detail}.`, { errors: [{ pointer: '/end', detail }] })
}
