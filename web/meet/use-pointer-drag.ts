import { usePress } from './use-press.ts'

interface PointerDragOptions {
  /** The element whose width is the axis. */
  track: () => HTMLElement | null
  columns: number
  /** Where the block is now, if there is one: who takes it there moves it from where he took it. */
  block: number | undefined
  onLift: (column: number) => void
  onMove: (column: number) => void
  onDrop: () => void
  onCancel: () => void
  /** A finger touched free ground only. */
  onTap: (column: number) => void
}

interface Grip {
  /** Columns between the block's first and the pointer. */
  offset: number
  column: number
  isBlock: boolean
}

/** Moves the block: pressed on free ground it jumps there. A finger has to rest first. */
export function usePointerDrag(options: PointerDragOptions) {
  const { track, columns, block, onLift, onMove, onDrop, onCancel, onTap } = options
  const columnAt = (clientX: number): number => {
    const box = track()?.getBoundingClientRect()
    return box === undefined || box.width === 0 ? 0 : Math.floor((columns * (clientX - box.left)) / box.width)
  }
  const within = (column: number) => Math.min(Math.max(column, 0), columns - 1)
  return usePress<Grip>({
    slackPx: 0,
    takeAt: ({ target, clientX }) => {
      if (!(target instanceof Element)) return undefined
      const isBlock = target.closest('.block') !== null
      if (!isBlock && target.closest('.heat-track') === null) return undefined
      const at = columnAt(clientX)
      const column = isBlock && block !== undefined ? block : within(at)
      return { offset: at - column, column, isBlock }
    },
    onLift: ({ column }) => onLift(column),
    onMove: (grip, { clientX }) => {
      const column = within(columnAt(clientX) - grip.offset)
      if (column === grip.column) return
      grip.column = column
      onMove(column)
    },
    onDrop,
    onCancel,
    onTap: ({ column, isBlock }) => isBlock || onTap(column),
  })
}
