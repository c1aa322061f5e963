import { type LocalTime, parseBasicLocalTime } from '../time/local-time.ts'

/** Whose document it is: a meeting's, or that of one of its occurrences. */
export interface DocRef {
  meetingId: string
  recurrenceId?: LocalTime | undefined
}

/** Reads `meeting:<id>` or `meeting:<id>:<recurrenceId>`, ids in lower case; undefined for anything else. */
export function parseDocId(docId: string): DocRef | undefined {
  const [, meetingId, recurrence] = DOC_ID.exec(docId) ?? []
  if (meetingId === undefined) return undefined
  if (recurrence === undefined) return { meetingId }
  const recurrenceId = parseBasicLocalTime(recurrence)
  return recurrenceId && { meetingId, recurrenceId }
}

export function docIdOf({ meetingId, recurrenceId }: DocRef): string {
  return recurrenceId === undefined ? `meeting:${meetingId}` : `meeting:${meetingId}:${recurrenceId}`
}

const DOC_ID = /^meeting:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?::(\d{8}T\d{6}))?$/
