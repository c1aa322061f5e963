/** What middleware leaves for those behind it. */
export type ApiEnv = {
  Variables: {
    requestId: string
    /** 32 hex digits; in answers as part of `traceparent`, in logs beside the request's id. */
    traceId?: string | undefined
    /** The pattern that matched, for logs and metrics: never a path. */
    route?: string
  }
}

export function bearer(header: string | undefined): string | undefined {
  return header?.startsWith('Bearer ') ? header.slice(7).trim() : undefined
}
