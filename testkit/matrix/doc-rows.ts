import type { Grid } from './grid.ts'
import * as rules from './rules.ts'

/** What may be done to the document of a meeting. */
interface DocRow {
  operation: 'document read' | 'document write'
  grid: Grid
}

export const DOC_ROWS: readonly DocRow[] = [
  { operation: 'document read', grid: rules.MEETING_READ },
  { operation: 'document write', grid: rules.DOCUMENT_WRITTEN },
]
