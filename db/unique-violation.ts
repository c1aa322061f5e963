/** The store's last word on a name or address that is taken. The transaction is over then: only a rollback follows. */
export function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === '23505'
}
