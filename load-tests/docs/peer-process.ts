import { Redis } from '@hocuspocus/extension-redis'
import { Server } from '@hocuspocus/server'
import { Redis as Client } from 'ioredis'
import pg from 'pg'
import * as Y from 'yjs'

/**
 * One node of the peer, as its documentation has it: the Redis extension for more than one node, and hooks that load and store the whole
 * document, stored as often as the peer does by itself (2 s after the last change, 10 s at the latest). No token is looked at.
 * Arguments: the store, the Redis.
 */
// Two nodes that want to store the same document is its everyday, and each time it says so.
const say = console.error
console.error = (...words: unknown[]) => {
  if (!words.some((word) => String(word).includes('Another instance is already storing'))) say(...words)
}

const [databaseUrl, redisUrl = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10, application_name: 'peer' })

const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  extensions: [new Redis({ createClient: () => new Client(redisUrl) })],
  async onLoadDocument({ documentName, document }) {
    const { rows } = await pool.query<{ data: Buffer }>('SELECT data FROM peer_doc WHERE name = $1', [documentName])
    if (rows[0] !== undefined) Y.applyUpdate(document, rows[0].data)
    return document
  },
  async onStoreDocument({ documentName, document }) {
    await pool.query(
      'INSERT INTO peer_doc (name, data) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = excluded.data',
      [documentName, Buffer.from(Y.encodeStateAsUpdate(document))],
    )
  },
})
await server.listen()
process.send?.({ port: server.address.port })
process.on('disconnect', () => process.exit())
