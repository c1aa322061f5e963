import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

/** What one letter took, on its way from one replica to another. */
type Heard = (letters: number) => void

const KEY_MS = 70
const SYNC_MS = 8_000

export interface AuthorOptions {
  name: string
  meetingId: string
  /** Opens documents: an access token or a socket ticket. */
  token: string
  /** The realtime process that serves it; undefined: whichever. */
  node: string | undefined
  /** Letters of somebody else arrived in the notes. */
  onHeard: Heard
}

/** Somebody who types into the notes of a meeting, through the stock y-websocket provider. */
export class Author {
  readonly doc = new Y.Doc()
  readonly #provider: WebsocketProvider

  constructor({ name, meetingId, token, node, onHeard }: AuthorOptions) {
    const address = `${location.origin.replace(/^http/, 'ws')}/yjs`
    const params = { token, ...(node !== undefined && { node }) }
    // Other replicas of this page must go the way of everybody.
    this.#provider = new WebsocketProvider(address, `meeting:${meetingId}`, this.doc, { params, disableBc: true })
    this.#provider.awareness.setLocalStateField('user', { name })
    this.notes.observeDeep((events, transaction) => {
      if (transaction.origin === this.#provider) onHeard(events.reduce((sum, event) => sum + lettersIn(event), 0))
    })
  }

  get notes(): Y.XmlFragment {
    return this.doc.getXmlFragment('notes')
  }

  /** Whether the document came in time. */
  ready(): Promise<boolean> {
    if (this.#provider.synced) return Promise.resolve(true)
    return new Promise((done) => {
      const limit = setTimeout(() => done(false), SYNC_MS)
      this.#provider.once('sync', () => {
        clearTimeout(limit)
        done(true)
      })
    })
  }

  /** A paragraph of its own, letter by letter; `onKey` is called at each. */
  async write(sentence: string, onKey: () => void): Promise<void> {
    const text = new Y.XmlText()
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [text])
    this.notes.push([paragraph])
    for (const letter of sentence) {
      onKey()
      text.insert(text.length, letter)
      const at = Y.createRelativePositionFromTypeIndex(text, text.length)
      this.#provider.awareness.setLocalStateField('cursor', { anchor: at, head: at })
      await new Promise((done) => setTimeout(done, KEY_MS))
    }
  }

  close(): void {
    this.#provider.destroy()
    this.doc.destroy()
  }
}

function lettersIn(event: Y.YEvent<Y.AbstractType<unknown>>): number {
  return event.changes.delta.reduce((sum, { insert }) => sum + (typeof insert === 'string' ? insert.length : 0), 0)
}
