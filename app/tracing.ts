import type * as Api from '@opentelemetry/api'
import { type SpanFacts, type SpanOptions, type TraceSpan, type Tracing, parseTraceparent } from '../db/tracing.ts'

/** Spans kept for the collector; while it is away the newest are dropped. */
const MAX_QUEUED = 4_096
const MAX_BATCH = 512
const EXPORT_EVERY_MS = 1_000
/** A collector that does not answer must not keep a node from ending. */
const EXPORT_TIMEOUT_MS = 2_000

type Sdk = Pick<typeof Api, 'trace' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode'>

/** Sends traces to an OTLP endpoint over HTTP (`<endpoint>/v1/traces`). The packages for it are loaded here and only here. */
export async function openTracing(options: {
  endpoint: string
  nodeId: string
  roles: readonly string[]
}): Promise<Tracing & AsyncDisposable> {
  const [api, sdk, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS })
  const processor = new sdk.BatchSpanProcessor(exporter, {
    maxQueueSize: MAX_QUEUED,
    maxExportBatchSize: MAX_BATCH,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  })
  const provider = new sdk.NodeTracerProvider({
    spanProcessors: [processor],
    resource: resources.resourceFromAttributes({
      'service.name': 'convoke',
      'service.instance.id': options.nodeId,
      'convoke.roles': options.roles.join(','),
    }),
  })
  const tracer = provider.getTracer('convoke')
  return {
    start: (name, given = {}) => startSpan(api, tracer, name, given),
    async [Symbol.asyncDispose]() {
      await provider.shutdown().catch(() => {})
    },
  }
}

function startSpan(api: Sdk, tracer: Api.Tracer, name: string, options: SpanOptions): TraceSpan {
  const parent = parseTraceparent(options.parent)
  const context =
    parent === undefined
      ? api.ROOT_CONTEXT
      : api.trace.setSpanContext(api.ROOT_CONTEXT, {
          traceId: parent.traceId,
          spanId: parent.spanId,
          traceFlags: parent.flags,
          isRemote: true,
        })
  const kind = { server: api.SpanKind.SERVER, producer: api.SpanKind.PRODUCER, consumer: api.SpanKind.CONSUMER }
  const span = tracer.startSpan(
    name,
    {
      kind: options.kind === undefined ? api.SpanKind.INTERNAL : kind[options.kind],
      ...(options.startedAt === undefined ? {} : { startTime: options.startedAt }),
      ...(options.facts === undefined ? {} : { attributes: options.facts }),
    },
    context,
  )
  return traceSpan(api, tracer, span)
}

function traceSpan(api: Sdk, tracer: Api.Tracer, span: Api.Span): TraceSpan {
  return {
    traceparent: traceparentOf(span.spanContext()),
    child(name: string, facts: SpanFacts = {}) {
      const context = api.trace.setSpan(api.ROOT_CONTEXT, span)
      return traceSpan(api, tracer, tracer.startSpan(name, { attributes: facts }, context))
    },
    rename: (name) => void span.updateName(name),
    set: (facts) => void span.setAttributes(facts),
    end(error) {
      // The class alone: messages may hold what people wrote.
      if (error !== undefined) {
        span.setStatus({ code: api.SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' })
      }
      span.end()
    },
  }
}

function traceparentOf({ traceId, spanId, traceFlags }: Api.SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
