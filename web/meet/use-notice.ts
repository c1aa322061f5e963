import { useEffect, useRef, useState } from 'preact/hooks'

/** Something that is said for a while; what of it has the focus stays until that goes elsewhere. `box` is where it is said. */
export function useNotice<T>(lastsMs: number) {
  const box = useRef<HTMLDivElement>(null)
  const [notice, say] = useState<T>()
  useEffect(() => {
    if (notice === undefined) return
    let timer: ReturnType<typeof setTimeout>
    const wait = () => {
      timer = setTimeout(() => (box.current?.contains(document.activeElement) ? wait() : say(undefined)), lastsMs)
    }
    wait()
    return () => clearTimeout(timer)
  }, [notice])
  return { notice, say, box }
}
