import type { Awareness } from 'y-protocols/awareness'
import type { User } from '../client/contract.ts'
import { INKS, inkOf } from './person-ink.ts'

/** Somebody who has the document open, in however many windows. */
export interface Present {
  key: string
  name: string
  /** Number of the colour. */
  ink: number
  isSelf: boolean
  /** Which part of the page the focus is in, as a word; undefined: none. */
  part: string | undefined
}

const MAX_NAME = 80
/** More names than anybody reads. */
export const MAX_PRESENT = 50

/** Says who this is. Other clients of the document read `name` and `color`. */
export function introduce(awareness: Awareness, user: User): void {
  const name = `${user.firstName} ${user.lastName}`.trim()
  awareness.setLocalStateField('user', { id: user.id, name, color: INKS[inkOf(user.id)] })
}

/** What everybody said about himself. Any client may say anything: what is no name is left out. */
export function presentIn(states: ReadonlyMap<number, unknown>, selfId: string): Present[] {
  const present = new Map<string, Present>()
  for (const state of states.values()) {
    const { user, part } = asRecord(state)
    const person = whoIs(user)
    if (person === undefined) continue
    const known = present.get(person.key)
    const word = typeof part === 'string' && part !== '' ? part.slice(0, MAX_NAME) : undefined
    present.set(person.key, { ...person, isSelf: person.key === selfId, part: word ?? known?.part })
    if (present.size >= MAX_PRESENT) break
  }
  return [...present.values()].toSorted((a, b) => Number(b.isSelf) - Number(a.isSelf) || a.name.localeCompare(b.name))
}

/** One person as his client introduced him. */
export function whoIs(user: unknown): Pick<Present, 'key' | 'name' | 'ink'> | undefined {
  const { id, name } = asRecord(user)
  if (typeof name !== 'string' || name.trim() === '') return undefined
  const shown = name.trim().slice(0, MAX_NAME)
  const key = typeof id === 'string' && id !== '' ? id : shown
  return { key, name: shown, ink: inkOf(key) }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
