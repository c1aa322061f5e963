import { useRef } from 'preact/hooks'

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
}

/** Moves the block by mouse, pen or finger: pressed on free ground it jumps there. A scroll of the page is not a drag. */
export function usePointerDrag({ track, columns, block, onLift, onMove, onDrop, onCancel }: PointerDragOptions) {
  const drag = useRef<{ pointerId: number; grip: number; column: number } | undefined>(undefined)
  const columnAt = (clientX: number): number => {
    const box = track()?.getBoundingClientRect()
    return box === undefined || box.width === 0 ? 0 : Math.floor((columns * (clientX - box.left)) / box.width)
  }
  const within = (column: number) => Math.min(Math.max(column, 0), columns - 1)
  return {
    isActive: () => drag.current !== undefined,
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || !(event.target instanceof Element)) return
      const isBlock = event.target.closest('.block') !== null
      if (!isBlock && event.target.closest('.heat-track') === null) return
      const at = columnAt(event.clientX)
      const column = isBlock && block !== undefined ? block : within(at)
      drag.current = { pointerId: event.pointerId, grip: at - column, column }
      ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
      onLift(column)
    },
    onPointerMove: (event: PointerEvent) => {
      const { current } = drag
      if (current?.pointerId !== event.pointerId) return
      const column = within(columnAt(event.clientX) - current.grip)
      if (column === current.column) return
      current.column = column
      onMove(column)
    },
    onPointerUp: (event: PointerEvent) => {
      if (drag.current?.pointerId !== event.pointerId) return
      drag.current = undefined
      onDrop()
    },
    onPointerCancel: () => {
      if (drag.current === undefined) return
      drag.current = undefined
      onCancel()
    },
  }
}
