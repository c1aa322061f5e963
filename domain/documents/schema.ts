/** What a meeting's document holds (CONTRACT.md, Yjs), and what the projector holds it to. */
export const ROOTS = {
  title: 'text',
  description: 'text',
  agenda: 'list',
  actions: 'list',
  notes: 'fragment',
  proposals: 'map',
  schedule: 'map',
} as const

/** As REST holds the same fields to. */
export const TITLE_MAX = 500
export const DESCRIPTION_MAX = 20_000
/** More than any meeting needs; a list beyond it is cut at its end. */
export const LIST_MAX = 1_000
/** What search is given of one document, in characters. */
export const SEARCH_MAX = 100_000

/** Elements of `notes`, and which attributes each may carry. Anything else is taken out. */
export const NOTE_ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  paragraph: [],
  heading: ['level'],
  blockquote: [],
  code_block: ['params'],
  horizontal_rule: [],
  hard_break: [],
  bullet_list: [],
  ordered_list: ['order'],
  list_item: [],
}
/** Marks of text in `notes`, as attributes of its pieces. */
export const NOTE_MARKS: readonly string[] = ['strong', 'em', 'code', 'link', 'underline', 'strike', 'ychange']

/** Whether a link may stay: http, https and mailto lead out, everything else may run or read something. */
export function isSafeLink(href: unknown): boolean {
  return typeof href === 'string' && href.length <= 2_048 && SAFE_LINK.test(href)
}

/** The title as the document may hold it while somebody types: one line, not too long. */
export function legalTitle(text: string): string {
  return wellFormed(wellFormed(text).replace(CONTROLS, ' ').slice(0, TITLE_MAX))
}

/** The title as the meeting gets it; undefined when there is nothing to read. */
export function projectedTitle(text: string): string | undefined {
  return legalTitle(text).trim() || undefined
}

export function legalDescription(text: string): string {
  return wellFormed(wellFormed(text).replaceAll('\0', '').slice(0, DESCRIPTION_MAX))
}

const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\u0000-\u0020\u007f]+$/iu
const CONTROLS = /[\u0000-\u001f\u007f]/g
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** PostgreSQL keeps no half of a surrogate pair. */
function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '')
}
