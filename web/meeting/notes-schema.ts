import { type DOMOutputSpec, type MarkSpec, type NodeSpec, Schema } from 'prosemirror-model'
import { marks as basicMarks, nodes as basicNodes } from 'prosemirror-schema-basic'
import { bulletList, listItem, orderedList } from 'prosemirror-schema-list'

const MAX_HREF = 2_048
const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\u0000-\u0020\u007f]+$/iu

/** Links lead to the web or to a mailbox. Everything else may run or read something. */
export function isSafeLink(href: unknown): boolean {
  return typeof href === 'string' && href.length <= MAX_HREF && SAFE_LINK.test(href)
}

/** What somebody typed as an address; undefined: it is none. */
export function linkOf(typed: string): string | undefined {
  const text = typed.trim()
  if (isSafeLink(text)) return text
  if (/^[^\s@/:]+@[^\s@/:]+[.][^\s@/:]+$/.test(text)) return `mailto:${text}`
  const guessed = `https://${text}`
  return /^[\w-]+(?:[.][\w-]+)+(?:[/?#:]|$)/.test(text) && isSafeLink(guessed) ? guessed : undefined
}

const { doc, paragraph, blockquote, horizontal_rule, heading, code_block, text, hard_break } = basicNodes

const nodes = {
  doc,
  paragraph,
  heading: { ...heading, attrs: { level: { default: 1 } }, toDOM: ({ attrs }) => [`h${levelOf(attrs['level'])}`, 0] },
  blockquote,
  code_block: { ...code_block, attrs: { params: { default: null } } },
  horizontal_rule,
  bullet_list: { ...bulletList, content: 'list_item+', group: 'block' },
  ordered_list: { ...orderedList, attrs: { order: { default: 1 } }, content: 'list_item+', group: 'block' },
  list_item: { ...listItem, content: 'paragraph block*' },
  text,
  hard_break,
} satisfies Record<string, NodeSpec>

const link: MarkSpec = {
  // A mark that does not fit the schema would take the text with it: whatever comes is taken, and drawn as what it is.
  attrs: { href: { default: '' }, title: { default: null } },
  inclusive: false,
  parseDOM: [
    {
      tag: 'a[href]',
      getAttrs: (dom) => {
        const href = dom.getAttribute('href')
        return isSafeLink(href) && { href }
      },
    },
  ],
  toDOM: ({ attrs }): DOMOutputSpec =>
    isSafeLink(attrs['href'])
      ? ['a', { href: attrs['href'], title: attrs['href'], rel: 'noopener noreferrer nofollow', target: '_blank' }, 0]
      : ['span', 0],
}

const marks = {
  link,
  em: basicMarks.em,
  strong: basicMarks.strong,
  underline: { parseDOM: [{ tag: 'u' }], toDOM: (): DOMOutputSpec => ['u', 0] },
  strike: { parseDOM: [{ tag: 's' }, { tag: 'del' }], toDOM: (): DOMOutputSpec => ['s', 0] },
  code: basicMarks.code,
  ychange: {
    attrs: { user: { default: null }, type: { default: null }, color: { default: null } },
    inclusive: false,
    toDOM: (): DOMOutputSpec => ['span', 0],
  },
} satisfies Record<string, MarkSpec>

/**
 * What `notes` may hold: everything the server admits, also what this page has no button for, because y-prosemirror deletes
 * what does not fit.
 */
export const notesSchema = new Schema({ nodes, marks })

/** Below the title and the heading of the notes. */
function levelOf(level: unknown): number {
  return Math.min(6, Math.max(1, Math.round(Number(level)) || 1))
}
