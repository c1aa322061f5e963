/** Replaces `remove` UTF-16 units at `index` by `insert`. */
export interface TextEdit {
  index: number
  remove: number
  insert: string
}

/**
 * The one edit between a common beginning and a common end; undefined when the texts are the same. Of several that lead there
 * (a letter doubled) it is the one that ends at `caret`, where somebody typed. It never cuts through a surrogate pair.
 */
export function textEdit(from: string, to: string, caret = to.length): TextEdit | undefined {
  if (from === to) return undefined
  const shorter = Math.min(from.length, to.length)
  // What stands behind the caret was not typed.
  const most = Math.min(shorter, to.length - caret)
  let end = 0
  while (end < most && from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end)) end += 1
  let start = 0
  while (start < shorter - end && from.charCodeAt(start) === to.charCodeAt(start)) start += 1
  while (end < shorter - start && from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end))
    end += 1
  if (isHighSurrogate(from.charCodeAt(start - 1))) start -= 1
  if (end > 0 && isLowSurrogate(from.charCodeAt(from.length - end))) end -= 1
  return { index: start, remove: from.length - start - end, insert: to.slice(start, to.length - end) }
}

/** Where a position is after somebody else's edit. One at which was inserted stays before it. */
export function moved(position: number, { index, remove, insert }: TextEdit): number {
  if (position <= index) return position
  if (position >= index + remove) return position + insert.length - remove
  return index + insert.length
}

/** An edit of a text as it is to be made after others have edited the text. */
export function rebased(edit: TextEdit, others: readonly TextEdit[]): TextEdit {
  let start = edit.index
  let end = edit.index + edit.remove
  for (const other of others) {
    start = moved(start, other)
    end = moved(end, other)
  }
  return { index: start, remove: Math.max(0, end - start), insert: edit.insert }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
