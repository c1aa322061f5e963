/** The kind of the job that projects a document; its subject is the document's id. */
export const DOCUMENT_JOB = 'document'

/** How long after an edit lists and searches may show the text of before. */
export const PROJECT_AFTER_MS = 2_000
