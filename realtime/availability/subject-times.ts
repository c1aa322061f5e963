import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { readChangedSpans, readSubjectFacts } from '../../db/availability/live-facts.ts'
import type { NewsRow } from '../../db/news-log.ts'
import { createOutage } from '../../db/outage.ts'
import type { SubjectFacts, TakenSpan } from '../../domain/availability/subject-facts.ts'
import type { Interval } from '../../domain/time/instant.ts'
import type { OnNews } from '../followers.ts'
import { createTicker } from '../ticker.ts'

/** A person or a room. */
export interface SubjectRef {
  id: string
  kind: 'person' | 'room'
}

/** Somebody's interest in one subject in one window. */
export interface Use {
  readonly subject: Subject
  readonly window: Interval
  /** Its facts were read, perhaps others than before; not called again before `leave`. */
  readonly onRead: () => void
}

export interface SubjectTimesDeps {
  pool: Pool
  log: Logger
  /** Calls back when something happened on a topic, or may have; what it returns ends that. */
  follow: (organizationId: string, topic: string, onNews: OnNews) => () => void
}

/** What has to be read anew: all of it, or what these meetings take. */
type Dirt = 'whole' | Set<string>

interface Subject extends SubjectRef {
  readonly organizationId: string
  readonly uses: Set<Use>
  readonly unfollow: () => void
  /** undefined: not read yet, or the organisation has no such subject. */
  facts: SubjectFacts | undefined
  /** What `facts` were read for. */
  covered: readonly Interval[]
  /** By `performance.now()`. */
  readAt: number
}

/** Changes that come within it are read together; after a quiet time nothing waits. */
const ROUND_MS = 15
/** One read, in subjects read as a whole: enough for a burst, small enough not to hold up the node while its rows are taken in. */
const MAX_BATCH = 50
/** What a few changed meetings of one subject weigh against that. */
const CHANGED_WEIGHT = 0.1
/** Organisations read at a time: connections are for the rest of the node, too. */
const MAX_PARALLEL = 2
/** Meetings of one subject that are read by themselves; with more of them the whole is cheaper. */
const MAX_CHANGED = 20
/** The store is away: time enough not to be a load, short enough to be live again soon. */
const RETRY_MS = 250
/** What changes without news (holidays, a zone's rules, the end of a hold nobody told of) is seen after so long. */
const READ_ANEW_MS = 60_000
const SWEEP_MS = 1_000

/**
 * What this node knows of the time of people and rooms that somebody here looks at: each is followed and kept once, however many
 * look. Invariant: once `facts` cover a window they are of a snapshot at most one round, and the way of the news, behind the
 * store; a subject that nobody uses is forgotten.
 */
export class SubjectTimes implements Disposable {
  readonly #deps: SubjectTimesDeps
  readonly #subjects = new Map<string, Subject>()
  /** By organisation, because a read sees one. */
  readonly #dirty = new Map<string, Map<Subject, Dirt>>()
  /** Organisations that are being read: of one subject no two reads are under way, or the older could come last. */
  readonly #reading = new Set<string>()
  readonly #ticker = createTicker(ROUND_MS, () => this.#next())
  readonly #sweep = setInterval(() => this.#readOldAnew(), SWEEP_MS).unref()
  readonly #outage
  #retry: NodeJS.Timeout | undefined
  #stopped = false

  constructor(deps: SubjectTimesDeps) {
    this.#deps = deps
    this.#outage = createOutage(deps.log, 'availability reads')
  }

  get size(): number {
    return this.#subjects.size
  }

  /** `onRead` is called whenever the facts were read anew; at first only if `isKnown` does not hold already. */
  use(organizationId: string, ref: SubjectRef, window: Interval, onRead: () => void): Use {
    const subject = this.#subject(organizationId, ref)
    const use: Use = { subject, window, onRead }
    subject.uses.add(use)
    if (!this.isKnown(use)) this.#soil(subject, undefined)
    return use
  }

  leave(use: Use): void {
    const { subject } = use
    subject.uses.delete(use)
    if (subject.uses.size > 0) return
    subject.unfollow()
    this.#subjects.delete(keyOf(subject.organizationId, subject))
    this.#dirty.get(subject.organizationId)?.delete(subject)
  }

  /** Whether it was read for this window; it may be that there is no such subject. */
  isKnown({ subject, window }: Use): boolean {
    return subject.covered.some(({ start, end }) => start <= window.start && window.end <= end)
  }

  factsOf({ subject }: Use): SubjectFacts | undefined {
    return subject.facts
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    this.#ticker.stop()
    clearInterval(this.#sweep)
    clearTimeout(this.#retry)
    for (const { unfollow } of this.#subjects.values()) unfollow()
    this.#subjects.clear()
    this.#dirty.clear()
  }

  #subject(organizationId: string, { id, kind }: SubjectRef): Subject {
    const key = keyOf(organizationId, { id, kind })
    const known = this.#subjects.get(key)
    if (known !== undefined) return known
    // A room's topic tells of its holds, too.
    const topics = kind === 'room' ? [`room:${id}`] : [`person:${id}`, `holds:${id}`]
    const onNews = (row: NewsRow | undefined) => this.#soil(subject, row && meetingOf(row))
    // Followed before it is read: whatever commits after the read is told.
    const ends = topics.map((topic) => this.#deps.follow(organizationId, topic, onNews))
    const subject: Subject = {
      id,
      kind,
      organizationId,
      uses: new Set(),
      unfollow: () => ends.forEach((end) => end()),
      facts: undefined,
      covered: [],
      readAt: performance.now(),
    }
    this.#subjects.set(key, subject)
    return subject
  }

  /** With a meeting only what that takes is another. */
  #soil(subject: Subject, meetingId: string | undefined): void {
    let dirty = this.#dirty.get(subject.organizationId)
    if (dirty === undefined) this.#dirty.set(subject.organizationId, (dirty = new Map()))
    const dirt = dirty.get(subject) ?? new Set()
    if (dirt === 'whole' || meetingId === undefined || subject.facts === undefined || dirt.size >= MAX_CHANGED) {
      dirty.set(subject, 'whole')
    } else dirty.set(subject, dirt.add(meetingId))
    if (this.#retry === undefined) this.#ticker.due()
  }

  #next(): void {
    for (const [organizationId, dirty] of this.#dirty) {
      if (this.#reading.size >= MAX_PARALLEL || this.#stopped) return
      if (this.#reading.has(organizationId)) continue
      const batch = takeBatch(dirty)
      // To the end of the line: one busy organisation does not starve the others.
      this.#dirty.delete(organizationId)
      if (dirty.size > 0) this.#dirty.set(organizationId, dirty)
      if (batch.length > 0) void this.#read(organizationId, batch)
    }
  }

  async #read(organizationId: string, batch: readonly (readonly [Subject, Dirt])[]): Promise<void> {
    this.#reading.add(organizationId)
    const { pool } = this.#deps
    const whole = batch.flatMap(([{ id, kind, uses }, dirt]) =>
      dirt === 'whole' ? [{ id, kind, windows: joined(uses) }] : [],
    )
    const changed = batch.flatMap(([{ id, kind, covered }, dirt]) =>
      dirt === 'whole' ? [] : [{ id, kind, windows: covered, meetings: [...dirt] }],
    )
    try {
      const [facts, spans] = await Promise.all([
        whole.length === 0 ? undefined : readSubjectFacts(pool, organizationId, whole),
        changed.length === 0 ? undefined : readChangedSpans(pool, organizationId, changed),
      ])
      this.#outage.worked()
      if (this.#stopped) return
      const windowsOf = new Map(whole.map(({ id, windows }) => [id, windows]))
      for (const [subject, dirt] of batch) {
        if (dirt === 'whole') keepWhole(subject, windowsOf.get(subject.id) ?? [], facts?.get(subject.id))
        else keepChanged(subject, dirt, spans?.get(subject.id) ?? [])
      }
      for (const [subject] of batch) for (const { onRead } of subject.uses) onRead()
    } catch (error) {
      this.#outage.failed(error)
      for (const [subject] of batch) if (subject.uses.size > 0) this.#soil(subject, undefined)
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined
        this.#ticker.due()
      }, RETRY_MS)
    } finally {
      this.#reading.delete(organizationId)
      if (this.#dirty.size > 0 && this.#retry === undefined) this.#ticker.due()
    }
  }

  #readOldAnew(): void {
    const before = performance.now() - READ_ANEW_MS
    for (const subject of this.#subjects.values()) if (subject.readAt < before) this.#soil(subject, undefined)
  }
}

/** As many as one read takes, the longest waiting first. */
function takeBatch(dirty: Map<Subject, Dirt>): [Subject, Dirt][] {
  const batch: [Subject, Dirt][] = []
  let weight = 0
  for (const [subject, dirt] of dirty) {
    if (weight >= MAX_BATCH) break
    weight += dirt === 'whole' ? 1 : CHANGED_WEIGHT
    batch.push([subject, dirt])
    dirty.delete(subject)
  }
  return batch
}

/** The one meeting that the event is about. A room's events may tell of a hold that ended as well. */
function meetingOf({ topic, data }: NewsRow): string | undefined {
  const { meetingId } = data as { meetingId?: unknown }
  return topic.startsWith('person:') && typeof meetingId === 'string' ? meetingId : undefined
}

function keepWhole(subject: Subject, covered: readonly Interval[], facts: SubjectFacts | undefined): void {
  const before = subject.facts
  if (before?.kind === 'person' && facts?.kind === 'person') {
    if (JSON.stringify(before.hours) === JSON.stringify(facts.hours)) facts.hours = before.hours
  }
  Object.assign(subject, { facts, covered, readAt: performance.now() })
}

function keepChanged(subject: Subject, meetings: ReadonlySet<string>, spans: readonly TakenSpan[]): void {
  const { facts } = subject
  if (facts === undefined) return
  const others = facts.spans.filter(({ meetingId }) => meetingId === null || !meetings.has(meetingId))
  subject.facts = { ...facts, spans: [...others, ...spans] }
}

/** The windows of all uses, those that overlap or touch as one. */
function joined(uses: ReadonlySet<Use>): Interval[] {
  const windows: Interval[] = []
  for (const { window } of [...uses].sort((a, b) => a.window.start - b.window.start)) {
    const last = windows.at(-1)
    if (last === undefined || window.start > last.end) windows.push({ ...window })
    else if (window.end > last.end) last.end = window.end
  }
  return windows
}

function keyOf(organizationId: string, { kind, id }: SubjectRef): string {
  return `${organizationId} ${kind} ${id}`
}
