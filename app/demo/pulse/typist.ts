import { setTimeout as delay } from 'node:timers/promises'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { HOUR_MS } from '../../../domain/time/instant.ts'
import { oneOf } from './chance.ts'
import type { Colleague } from './colleague.ts'

const AHEAD_MS = 72 * HOUR_MS
const KEY_MS = 120
const SYNC_MS = 5_000
/** A document is not to grow for ever. */
const MAX_PARAGRAPHS = 12
const SENTENCES = [
  'Agreed to try the smaller room first.',
  'Follow up with the Lisbon team on Thursday.',
  'Numbers look right; publish after review.',
  'Open question: who owns the rollout?',
  'Two risks named, both have an owner.',
]

/** Somebody writes a sentence into the notes of a meeting of the next hours, letter by letter, as people do. */
export async function typeSomething(
  url: string,
  staff: readonly Colleague[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const somebody = oneOf(staff)
  // Only who takes part may write.
  const query = `participantId=${await somebody.userId()}&to=${new Date(Date.now() + AHEAD_MS).toISOString()}&limit=20`
  const { status, body } = await somebody.call('GET', `/meetings?${query}`)
  const meetings = status === 200 ? (body.items as { meetingId: string }[]) : []
  const ticket = await somebody.ticket()
  if (meetings.length === 0 || ticket === undefined) return undefined
  const doc = new Y.Doc()
  const address = `${url.replace(/^http/, 'ws')}/yjs`
  const options = { params: { token: ticket }, disableBc: true }
  const provider = new WebsocketProvider(address, `meeting:${oneOf(meetings).meetingId}`, doc, options)
  try {
    provider.awareness.setLocalStateField('user', { name: somebody.name, color: '#2f6f4f' })
    if (!(await synced(provider, signal))) return undefined
    await write(doc.getXmlFragment('notes'), oneOf(SENTENCES), signal)
    return 'typed'
  } finally {
    provider.destroy()
    doc.destroy()
  }
}

async function write(notes: Y.XmlFragment, sentence: string, signal: AbortSignal): Promise<void> {
  if (notes.length >= MAX_PARAGRAPHS) notes.delete(0, 1)
  const text = new Y.XmlText()
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [text])
  notes.push([paragraph])
  for (const letter of sentence) {
    text.insert(text.length, letter)
    await delay(KEY_MS, undefined, { signal })
  }
}

function synced(provider: WebsocketProvider, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SYNC_MS)])
    limit.addEventListener('abort', () => resolve(false), { once: true })
    provider.once('sync', () => resolve(true))
  })
}
