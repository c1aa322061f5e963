import { useEffect, useState } from 'preact/hooks'

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Which meeting an address names: `/meeting#<id>` or `/meeting?id=<id>`; undefined: none. */
export function meetingIn({ hash, search }: { hash: string; search: string }): string | undefined {
  const named = hash.length > 1 ? hash.slice(1) : (new URLSearchParams(search).get('id') ?? '')
  const id = named.toLowerCase()
  return ID.test(id) ? id : undefined
}

/** `?node=<id>` asks for that node's copy of the document; only a demo knows nodes by name, others pass over it. */
export function pinIn({ search }: { search: string }): { node?: string } {
  const node = new URLSearchParams(search).get('node')
  return node === null ? {} : { node }
}

export function addressOf(meetingId: string): string {
  return `/meeting#${meetingId}`
}

/** The meeting of the present address, also after it changes. */
export function useMeetingAddress(): string | undefined {
  const [id, setId] = useState(() => meetingIn(location))
  useEffect(() => {
    const follow = () => setId(meetingIn(location))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return id
}
