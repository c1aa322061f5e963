/**
 * The text of a calendar file in whatever encoding it came: a byte-order mark decides, then what the answer said, then UTF-8,
 * and what is not UTF-8 either is read as Windows-1252, in which every byte means something.
 */
export function decode(bytes: Uint8Array, charset: string | undefined): string {
  const named = markedEncoding(bytes) ?? known(charset)
  if (named !== undefined && named !== 'utf-8') return new TextDecoder(named).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder(named === undefined ? 'windows-1252' : 'utf-8').decode(bytes)
  }
}

/** `text/calendar; charset="iso-8859-1"` */
export function charsetOf(contentType: string | undefined): string | undefined {
  return /charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType ?? '')?.[1]
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return undefined
}

/** Many servers say UTF-8 of everything: it is believed only when it is true. */
function known(charset: string | undefined): string | undefined {
  try {
    const { encoding } = new TextDecoder(charset ?? 'utf-8')
    return encoding === 'utf-8' ? undefined : encoding
  } catch {
    return undefined
  }
}
