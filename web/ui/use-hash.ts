import { useEffect, useState } from 'preact/hooks'

/** A value kept in the fragment of the address, as `#name=value`. */
export function useHash(name: string): string | undefined {
  const [value, setValue] = useState(() => read(name))
  useEffect(() => {
    const follow = () => setValue(read(name))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [name])
  return value
}

export function hashFor(name: string, value: string): string {
  return `#${new URLSearchParams({ [name]: value }).toString()}`
}

function read(name: string): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get(name) ?? undefined
}
