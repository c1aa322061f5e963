import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { eventually } from '../../testkit/eventually.ts'
import type { Seat } from './typist.ts'
import type { WireName } from './wires.ts'

/** What the product's own stock client gets to see who opens the document afresh: the text, and how many letters it has. */
export async function openAfresh(wire: WireName, seat: Seat): Promise<{ text: string; letters: number }> {
  const doc = new Y.Doc()
  const close = wire === 'ours' ? connectOurs(doc, seat) : connectPeer(doc, seat)
  let known = -1
  try {
    await eventually(async () => {
      const before = known
      known = doc.getXmlFragment('notes').toJSON().length
      return known > 0 && known === before ? undefined : 'the document is still coming'
    }, COMING_MS)
    const text = doc.getXmlFragment('notes').toJSON()
    return { text, letters: text.replaceAll(/<[^>]*>/g, '').length }
  } finally {
    close()
    doc.destroy()
  }
}

const COMING_MS = 5_000

function connectOurs(doc: Y.Doc, { server, docId, token }: Seat): () => void {
  const provider = new WebsocketProvider(`${server.replace('http', 'ws')}/yjs`, docId, doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  })
  return () => provider.destroy()
}

function connectPeer(doc: Y.Doc, { server, docId, token }: Seat): () => void {
  const socket = new HocuspocusProviderWebsocket({ url: server.replace('http', 'ws'), WebSocketPolyfill: WebSocket })
  const provider = new HocuspocusProvider({ websocketProvider: socket, name: docId, document: doc, token })
  provider.attach()
  return () => {
    provider.destroy()
    socket.destroy()
  }
}
