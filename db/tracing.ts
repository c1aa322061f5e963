import { AsyncLocalStorage } from 'node:async_hooks'

/** Ids, counts and names of ours; never values that people wrote. */
export type SpanFacts = Record<string, string | number | boolean>

/** A piece of work that is timed as part of a trace. */
export interface TraceSpan {
  /** W3C Trace Context: what hangs on this span elsewhere names it so. */
  readonly traceparent: string
  child(name: string, facts?: SpanFacts): TraceSpan
  rename(name: string): void
  set(facts: SpanFacts): void
  /** Once. With an error the span has failed. */
  end(error?: unknown): void
}

/** Makes traces. Where none are made there is no such thing, and nothing below costs more than a look. */
export interface Tracing {
  /** `parent` is a traceparent; without a valid one a new trace begins. */
  start(name: string, options?: SpanOptions): TraceSpan
}

export interface SpanOptions {
  parent?: string | undefined
  kind?: 'server' | 'producer' | 'consumer'
  /** Epoch milliseconds; now when absent. */
  startedAt?: number
  facts?: SpanFacts
}

const ambient = new AsyncLocalStorage<TraceSpan>()

/** What the present work is part of. */
export function currentSpan(): TraceSpan | undefined {
  return ambient.getStore()
}

/** Everything that `work` awaits is part of `span`, which the caller ends. */
export function inSpan<T>(span: TraceSpan | undefined, work: () => T): T {
  return span === undefined ? work() : ambient.run(span, work)
}

/** Runs `work` in a span of its own below the present one, if there is one. */
export function withSpan<T>(name: string, work: (span: TraceSpan | undefined) => Promise<T>): Promise<T> {
  const span = currentSpan()?.child(name)
  return span === undefined ? work(undefined) : timed(span, work)
}

async function timed<T>(span: TraceSpan, work: (span: TraceSpan) => Promise<T>): Promise<T> {
  try {
    const value = await ambient.run(span, () => work(span))
    span.end()
    return value
  } catch (error) {
    span.end(error)
    throw error
  }
}

// Later versions may append fields; version ff is none (W3C Trace Context, 3.2.2).
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The ids of a traceparent; undefined when it is not one. */
export function parseTraceparent(
  text: string | undefined,
): { traceId: string; spanId: string; flags: number } | undefined {
  const match = text === undefined || text.length > 200 ? null : TRACEPARENT.exec(text)
  if (match === null || (match[1] === '00' && match[5] !== undefined)) return undefined
  return { traceId: match[2] as string, spanId: match[3] as string, flags: Number.parseInt(match[4] as string, 16) }
}
