/**
 * Runs `tick` at most once per period: at once after a quiet time (events of the same turn go together), else when
 * the period is over. No timer runs while there is nothing to do.
 */
export function createTicker(periodMs: number, tick: () => void): { due: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let immediate: NodeJS.Immediate | undefined
  let last = -Infinity
  return {
    due() {
      if (timer !== undefined || immediate !== undefined) return
      const wait = last + periodMs - performance.now()
      if (wait <= 0) immediate = setImmediate(run)
      else timer = setTimeout(run, wait)
    },
    stop() {
      clearTimeout(timer)
      clearImmediate(immediate)
    },
  }

  function run(): void {
    timer = undefined
    immediate = undefined
    last = performance.now()
    tick()
  }
}
