import { useEffect, useReducer } from 'preact/hooks'

/** Epoch milliseconds at this render; renders again as time goes by, on the clock's own marks. */
export function useNow(everyMs: number): number {
  const [, render] = useReducer<number, void>((count) => count + 1, 0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const wait = () => {
      timer = setTimeout(
        () => {
          render()
          wait()
        },
        everyMs - (Date.now() % everyMs),
      )
    }
    // A page in the background, or a machine that slept, has no timers.
    const wake = () => document.visibilityState === 'visible' && render()
    document.addEventListener('visibilitychange', wake)
    wait()
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wake)
    }
  }, [everyMs])
  return Date.now()
}
