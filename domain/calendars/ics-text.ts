/** One property as a content line: folded at 75 octets, never inside a character (RFC 5545 3.1). CRLF included. */
export function contentLine(name: string, value: string): string {
  let line = ''
  let octets = 0
  for (const character of `${name}:${value}`) {
    const size = octetsOf(character.codePointAt(0)!)
    if (octets + size > MAX_OCTETS) {
      line += '\r\n '
      octets = 1
    }
    line += character
    octets += size
  }
  return `${line}\r\n`
}

/** A TEXT value (RFC 5545 3.3.11); what no text holds (control characters) becomes a blank. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/\r\n?|\n/g, '\n')
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ')
    .replaceAll(/[\\;,]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
}

const MAX_OCTETS = 75

function octetsOf(codePoint: number): number {
  if (codePoint < 0x80) return 1
  if (codePoint < 0x800) return 2
  return codePoint < 0x10000 ? 3 : 4
}
