const POLL_MS = 250

/**
 * Calls `onGone` once when the process that started us is gone. A `kill -9` of npm tells its child nothing, and the
 * terminal would go back to the prompt with everything still running.
 */
export function watchParent(onGone: () => void): Disposable {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, POLL_MS)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
