/**
 * The colours of people, on which white can be read: backgrounds of names, lines of cursors. person-ink.css has the same, as
 * classes `ink-0` and so on, because the content security policy admits no style attribute; other clients get the text.
 */
export const INKS = ['#1f4fb8', '#9c2f1e', '#1c6b43', '#7a2a86', '#8a4b00', '#0b6678', '#a01f5c', '#4f4a9a'] as const

/** The colour of who has this id: the same in everybody's page. */
export function inkOf(id: string): number {
  let hash = 0
  for (let i = 0; i < id.length; i += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) >>> 0
  return hash % INKS.length
}
