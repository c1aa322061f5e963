/** What middleware leaves for those behind it. */
export type ApiEnv = {
  Variables: {
    requestId: string
    /** The pattern that matched, for logs and metrics: never a path. */
    route?: string
  }
}

export function bearer(header: string | undefined): string | undefined {
  return header?.startsWith('Bearer ') ? header.slice(7).trim() : undefined
}
