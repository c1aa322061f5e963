/** A line of a calendar file, unfolded (RFC 5545 3.1). */
export interface ContentLine {
  text: string
  /** Where it begins in the file, from 1. */
  number: number
}

/** Longer than any line worth reading: descriptions and attachments, which are not read, may be longer and are cut. */
export const MAX_LINE_LENGTH = 16_384

/** The lines of a file, with CRLF, LF or CR, unfolded and cut to the bound; empty ones are left out. */
export function* contentLines(file: string): Generator<ContentLine, void, undefined> {
  let text = ''
  let number = 0
  let at = 0
  for (let row = 1; at < file.length; row++) {
    const end = endOfLine(file, at)
    const isFolded = number > 0 && (file.charCodeAt(at) === SPACE || file.charCodeAt(at) === TAB)
    if (isFolded) {
      if (text.length < MAX_LINE_LENGTH) text += file.slice(at + 1, Math.min(end, at + 1 + MAX_LINE_LENGTH))
    } else {
      if (text !== '') yield { text, number }
      text = file.slice(at, Math.min(end, at + MAX_LINE_LENGTH))
      number = row
    }
    at = end + (file.charCodeAt(end) === CR && file.charCodeAt(end + 1) === LF ? 2 : 1)
  }
  if (text !== '') yield { text, number }
}

const [TAB, LF, CR, SPACE] = [9, 10, 13, 32]

function endOfLine(file: string, from: number): number {
  for (let i = from; i < file.length; i++) {
    const code = file.charCodeAt(i)
    if (code === LF || code === CR) return i
  }
  return file.length
}
