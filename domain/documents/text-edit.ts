/** Replaces `remove` UTF-16 units at `index` by `insert`. */
export interface TextEdit {
  index: number
  remove: number
  insert: string
}

/**
 * The one edit between a common beginning and a common end: what others type outside of it at the same time stays theirs.
 * undefined when the texts are the same. It never cuts through a surrogate pair.
 */
export function textEdit(from: string, to: string): TextEdit | undefined {
  if (from === to) return undefined
  const shorter = Math.min(from.length, to.length)
  let start = 0
  while (start < shorter && from.charCodeAt(start) === to.charCodeAt(start)) start += 1
  if (isHighSurrogate(from.charCodeAt(start - 1))) start -= 1
  let end = 0
  while (end < shorter - start && from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end))
    end += 1
  if (isLowSurrogate(from.charCodeAt(from.length - end)) && end > 0) end -= 1
  return { index: start, remove: from.length - start - end, insert: to.slice(start, to.length - end) }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
