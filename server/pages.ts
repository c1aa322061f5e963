import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { ApiEnv } from './api-env.ts'

type Encoding = 'br' | 'gzip' | 'identity'

interface Asset {
  type: string
  cacheControl: string
  etag: string
  bodies: Record<Encoding, Uint8Array<ArrayBuffer>>
}

/** Hashed names never change their content; the page that names them is asked for every time. */
const FOREVER = 'public, max-age=31536000, immutable'
const EVERY_TIME = 'no-cache'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The page that is served at `/`; the others are at `/<their folder>`. */
const FRONT = 'tour'

/**
 * Serves the built pages of `folder` from memory: `<name>/index.html` at `/<name>`, and the hashed names below `/assets/`.
 * Everything else is left to the routes that come after. Throws when the folder holds no built front page.
 */
export function pages(folder: string): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = TYPES[extname(file)]
    if (type === undefined) continue
    const path = addressOf(`/${file.split(sep).join('/')}`)
    const isAsset = path.startsWith('/assets/')
    const asset = readAsset(join(folder, file), type, isAsset ? FOREVER : EVERY_TIME)
    // GET answers HEAD too.
    app.get(path, (c) => {
      c.set('route', isAsset ? '/assets' : path)
      return answer(c, asset)
    })
  }
  if (app.routes.every((route) => route.path !== '/')) throw new Error(`${folder} holds no built page`)
  return app
}

function addressOf(file: string): string {
  const page = /^\/(\w+)\/index[.]html$/.exec(file)?.[1]
  if (page === undefined) return file
  return page === FRONT ? '/' : `/${page}`
}

function readAsset(file: string, type: string, cacheControl: string): Asset {
  const content = new Uint8Array(readFileSync(file))
  const bodies = {
    identity: content,
    gzip: new Uint8Array(gzipSync(content)),
    br: new Uint8Array(brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })),
  }
  return { type, cacheControl, etag: createHash('sha256').update(content).digest('base64url').slice(0, 22), bodies }
}

/** The best ones take longer than the start should. */
const BROTLI_QUALITY = 7

function answer(c: Context<ApiEnv>, { type, cacheControl, etag, bodies }: Asset): Response {
  const encoding = encodingFor(c.req.header('accept-encoding'))
  // A strong tag names the bytes, and they differ by encoding.
  const tag = `"${etag}-${encoding}"`
  const headers = new Headers({ 'cache-control': cacheControl, etag: tag, vary: 'accept-encoding' })
  const known = c.req
    .header('if-none-match')
    ?.split(',')
    .some((given) => given.trim().replace(/^W\//, '') === tag)
  if (known) return new Response(null, { status: 304, headers })
  headers.set('content-type', type)
  if (encoding !== 'identity') headers.set('content-encoding', encoding)
  return new Response(bodies[encoding], { headers })
}

function encodingFor(accepted = ''): Encoding {
  const offered = accepted.split(',').map((part) => part.trim())
  const takes = (name: string) =>
    offered.some((part) => part === name || (part.startsWith(`${name};`) && !/;\s*q=0(?:[.]0*)?$/.test(part)))
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : 'identity'
}
