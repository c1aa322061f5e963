import { useRef, useState } from 'preact/hooks'

export interface Cell {
  row: number
  column: number
}

interface GridKeysOptions {
  rows: number
  columns: number
  /** Columns of a step with Shift. */
  bigStep: number
  /** Where the block is in the air; undefined: none is. */
  air: number | undefined
  onLift: (column: number) => void
  onMove: (column: number) => void
  onDrop: () => void
  onCancel: () => void
}

/**
 * The keyboard of the grid. One cell is in the tab order; arrow keys lead from cell to cell, and Enter lifts the block there.
 * While it is in the air the same keys move it, Enter drops it and Escape puts it back.
 */
export function useGridKeys({ rows, columns, bigStep, air, onLift, onMove, onDrop, onCancel }: GridKeysOptions) {
  const grid = useRef<HTMLDivElement>(null)
  const [wanted, setActive] = useState<Cell>({ row: 0, column: 0 })
  const active = { row: Math.min(wanted.row, rows - 1), column: Math.min(wanted.column, columns - 1) }
  const goTo = (cell: Cell) => {
    setActive(cell)
    grid.current?.querySelector<HTMLElement>(`[data-row="${cell.row}"][data-column="${cell.column}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const from = air ?? active.column
    const column = columnAfter(event, from, columns, bigStep)
    if (event.key === 'Enter' || event.key === ' ') {
      if (air === undefined) onLift(active.column)
      else onDrop()
    } else if (event.key === 'Escape' && air !== undefined) {
      onCancel()
    } else if (column !== undefined) {
      if (air !== undefined) onMove(column)
      goTo({ row: active.row, column })
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const row = active.row + (event.key === 'ArrowDown' ? 1 : -1)
      if (row >= 0 && row < rows) goTo({ row, column: active.column })
    } else {
      return
    }
    event.preventDefault()
  }
  return { grid, active, onKeyDown, goTo, setActive }
}

function columnAfter(
  { key, shiftKey }: KeyboardEvent,
  from: number,
  columns: number,
  bigStep: number,
): number | undefined {
  const step = shiftKey ? bigStep : 1
  const next = { ArrowLeft: from - step, ArrowRight: from + step, Home: 0, End: columns - 1 }[key]
  return next === undefined ? undefined : Math.min(Math.max(next, 0), columns - 1)
}
