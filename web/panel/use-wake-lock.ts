import { useEffect } from 'preact/hooks'

/** Keeps the screen on while it is looked at, where the browser can (https or localhost). */
export function useWakeLock(): void {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return
    let lock: WakeLockSentinel | undefined
    let isWanted = true
    const ask = async () => {
      if (document.visibilityState !== 'visible') return
      // Refused on a low battery, for one; the screen then goes dark as any other does.
      const given = await navigator.wakeLock.request('screen').catch(() => undefined)
      if (isWanted) lock = given
      else await given?.release()
    }
    const wake = () => void ask()
    wake()
    document.addEventListener('visibilitychange', wake)
    return () => {
      isWanted = false
      document.removeEventListener('visibilitychange', wake)
      void lock?.release()
    }
  }, [])
}
