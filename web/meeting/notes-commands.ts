import { chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands'
import { inputRules, textblockTypeInputRule, wrappingInputRule } from 'prosemirror-inputrules'
import type { MarkType, NodeType } from 'prosemirror-model'
import { liftListItem, sinkListItem, splitListItem, wrapInList } from 'prosemirror-schema-list'
import type { Command, EditorState, Plugin } from 'prosemirror-state'
import { redoCommand, undoCommand } from 'y-prosemirror'
import { notesSchema } from './notes-schema.ts'

const { strong, em, code, link } = notesSchema.marks as Record<string, MarkType> as Marks
const { paragraph, heading, bullet_list, ordered_list, list_item, blockquote, code_block, hard_break } =
  notesSchema.nodes as Record<string, NodeType> as Nodes

type Marks = Record<'strong' | 'em' | 'code' | 'link', MarkType>
type Nodes = Record<
  'paragraph' | 'heading' | 'bullet_list' | 'ordered_list' | 'list_item' | 'blockquote' | 'code_block' | 'hard_break',
  NodeType
>

/** A button of the toolbar. */
export interface Tool {
  name: string
  /** What stands on it. */
  sign: string
  shortcut: string
  run: Command
  /** undefined: it switches nothing. */
  isOn?: (state: EditorState) => boolean
}

/** In groups. Shortcuts are told as on a keyboard with Ctrl; on a Mac it is the command key. */
export const TOOLS: readonly (readonly Tool[])[] = [
  [
    { name: 'Bold', sign: 'B', shortcut: 'Ctrl+B', run: toggleMark(strong), isOn: (state) => hasMark(state, strong) },
    { name: 'Italic', sign: 'I', shortcut: 'Ctrl+I', run: toggleMark(em), isOn: (state) => hasMark(state, em) },
    { name: 'Code', sign: '<>', shortcut: 'Ctrl+E', run: toggleMark(code), isOn: (state) => hasMark(state, code) },
  ],
  [
    blockTool('Heading', 'H1', 'Ctrl+Alt+1', heading, { level: 2 }),
    blockTool('Smaller heading', 'H2', 'Ctrl+Alt+2', heading, { level: 3 }),
    listTool('Bulleted list', '•', 'Ctrl+Shift+8', bullet_list),
    listTool('Numbered list', '1.', 'Ctrl+Shift+9', ordered_list),
    {
      name: 'Quote',
      sign: '❝',
      shortcut: 'Ctrl+Shift+.',
      run: (state, dispatch) => (isIn(state, blockquote) ? lift : wrapIn(blockquote))(state, dispatch),
      isOn: (state) => isIn(state, blockquote),
    },
    blockTool('Code block', '{ }', 'Ctrl+Alt+C', code_block),
  ],
  [
    { name: 'Undo', sign: '↶', shortcut: 'Ctrl+Z', run: undoCommand },
    { name: 'Redo', sign: '↷', shortcut: 'Ctrl+Y', run: redoCommand },
  ],
]

/** What keys do beside what they always do; the link has its own key, because it asks for an address. */
export const NOTE_KEYS: Record<string, Command> = {
  'Mod-b': toggleMark(strong),
  'Mod-i': toggleMark(em),
  'Mod-e': toggleMark(code),
  'Mod-Alt-0': setBlockType(paragraph),
  'Mod-Alt-1': toggleBlock(heading, { level: 2 }),
  'Mod-Alt-2': toggleBlock(heading, { level: 3 }),
  'Mod-Alt-c': toggleBlock(code_block),
  'Mod-Shift-8': toggleList(bullet_list),
  'Mod-Shift-9': toggleList(ordered_list),
  'Mod-Shift-.': wrapIn(blockquote),
  'Mod-z': undoCommand,
  'Mod-y': redoCommand,
  'Mod-Shift-z': redoCommand,
  // Tab stays what leads on to the next control.
  'Mod-]': sinkListItem(list_item),
  'Mod-[': liftListItem(list_item),
  Enter: splitListItem(list_item),
  'Shift-Enter': chainCommands(exitCode, (state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(hard_break.create()).scrollIntoView())
    return true
  }),
}

/** Text that means a block: `# `, `- `, `1. `, `> `, three backticks. */
export function noteRules(): Plugin {
  return inputRules({
    rules: [
      textblockTypeInputRule(/^(#{1,2})\s$/, heading, (match) => ({ level: (match[1]?.length ?? 1) + 1 })),
      textblockTypeInputRule(/^```$/, code_block),
      wrappingInputRule(/^\s*[-*]\s$/, bullet_list),
      wrappingInputRule(
        /^(\d{1,3})\.\s$/,
        ordered_list,
        (match) => ({ order: Number(match[1]) }),
        (match, node) => node.childCount + Number(node.attrs['order']) === Number(match[1]),
      ),
      wrappingInputRule(/^\s*>\s$/, blockquote),
    ],
  })
}

export function isLinked(state: EditorState): boolean {
  return hasMark(state, link)
}

/** Makes the selection a link; where nothing is selected the address becomes the text. */
export function setLink(href: string): Command {
  return (state, dispatch) => {
    const { from, to, empty } = state.selection
    const mark = link.create({ href })
    const tr = empty
      ? state.tr.insert(from, notesSchema.text(href, [mark]))
      : state.tr.removeMark(from, to, link).addMark(from, to, mark)
    dispatch?.(tr.removeStoredMark(link).scrollIntoView())
    return true
  }
}

/** Takes the link away from the selection, or from the whole of it that the caret is in. */
export const removeLink: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  let { from, to } = state.selection
  if (empty) {
    const start = $from.start()
    $from.parent.forEach((node, offset) => {
      const isHere = start + offset <= from && from <= start + offset + node.nodeSize
      if (!isHere || !link.isInSet(node.marks)) return
      from = Math.min(from, start + offset)
      to = Math.max(to, start + offset + node.nodeSize)
    })
  }
  dispatch?.(state.tr.removeMark(from, to, link))
  return true
}

function hasMark({ selection, storedMarks, doc }: EditorState, mark: MarkType): boolean {
  const { from, to, empty, $from } = selection
  return empty ? mark.isInSet(storedMarks ?? $from.marks()) !== undefined : doc.rangeHasMark(from, to, mark)
}

function isIn({ selection: { $from } }: EditorState, type: NodeType): boolean {
  for (let depth = $from.depth; depth > 0; depth -= 1) if ($from.node(depth).type === type) return true
  return false
}

function isBlock({ selection: { $from } }: EditorState, type: NodeType, attrs: Record<string, unknown>): boolean {
  return $from.parent.hasMarkup(type, { ...$from.parent.attrs, ...attrs })
}

function toggleBlock(type: NodeType, attrs: Record<string, unknown> = {}): Command {
  return (state, dispatch, view) =>
    (isBlock(state, type, attrs) ? setBlockType(paragraph) : setBlockType(type, attrs))(state, dispatch, view)
}

function blockTool(
  name: string,
  sign: string,
  shortcut: string,
  type: NodeType,
  attrs: Record<string, unknown> = {},
): Tool {
  return { name, sign, shortcut, run: toggleBlock(type, attrs), isOn: (state) => isBlock(state, type, attrs) }
}

function listTool(name: string, sign: string, shortcut: string, type: NodeType): Tool {
  return { name, sign, shortcut, run: toggleList(type), isOn: (state) => listAround(state)?.type === type }
}

/** Into a list, out of it, or from one kind to the other. */
function toggleList(type: NodeType): Command {
  return (state, dispatch, view) => {
    const around = listAround(state)
    if (around === undefined) return wrapInList(type)(state, dispatch, view)
    if (around.type === type) return liftListItem(list_item)(state, dispatch, view)
    dispatch?.(state.tr.setNodeMarkup(around.at, type))
    return true
  }
}

/** The innermost list that the selection begins in. */
function listAround({ selection: { $from } }: EditorState): { type: NodeType; at: number } | undefined {
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const { type } = $from.node(depth)
    if (type === bullet_list || type === ordered_list) return { type, at: $from.before(depth) }
  }
  return undefined
}
