/**
 * Several sources as one, in the order of arrival: of each at most one item is taken ahead. It ends when the first of them
 * ends (a topic that may not be watched any more takes the others with it), and ends them all.
 */
export async function* merge<T>(sources: readonly AsyncIterableIterator<T>[]): AsyncIterableIterator<T> {
  const take = (source: AsyncIterableIterator<T>) => source.next().then((result) => ({ source, result }))
  // In the order of their last turn, so that a busy one does not starve the others.
  const next = new Map(sources.map((source) => [source, take(source)]))
  try {
    for (;;) {
      const { source, result } = await Promise.race(next.values())
      if (result.done) return
      next.delete(source)
      yield result.value
      next.set(source, take(source))
    }
  } finally {
    // Not waited for: a source that is waiting for news ends by its signal.
    for (const source of sources) void source.return?.()
  }
}
