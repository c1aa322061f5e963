/**
 * The address of a feed as people paste it: `webcal` is https by another name, and what names no scheme is https. Undefined: it
 * is no address at all. A fragment is ours to forget.
 */
export function parseFeedAddress(text: string): URL | undefined {
  const spelled = text.replace(/^webcals?:/i, 'https:')
  const url = URL.parse(
    /^[a-z][a-z0-9+.-]*:/i.test(spelled) && !/^[^/:]+:\d/.test(spelled) ? spelled : `https://${spelled}`,
  )
  if (url === null) return undefined
  url.hash = ''
  return url
}
