/** The colours of people, on which white can be read: backgrounds of names, lines of cursors. */
export const INKS = ['#1f4fb8', '#9c2f1e', '#1c6b43', '#7a2a86', '#8a4b00', '#0b6678', '#a01f5c', '#4f4a9a'] as const

/** The colour of who has this id: the same in everybody's page. */
export function inkOf(id: string): number {
  let hash = 0
  for (let i = 0; i < id.length; i += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) >>> 0
  return hash % INKS.length
}

/** A colour as its number: other people's clients may say anything. To be set as a property: a style attribute is refused. */
export function inkStyle(ink: number): { [INK]: string } {
  return { [INK]: INKS[ink] ?? INKS[0] }
}

/** The custom property that the styles of names and cursors read. */
export const INK = '--ink-of-person'
