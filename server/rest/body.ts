import type { Context } from 'hono'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'

const MAX_BODY_BYTES = 1_048_576
/** Far beyond any body of the contract, and what recursive readers of JSON take without a thought. */
const MAX_DEPTH = 32

/** The JSON of a request's body, within the bounds of every recursive reader; an absent one is `{}`. */
export async function readJson(c: Context): Promise<Result<unknown, Refusal>> {
  const text = await readText(c.req.raw)
  if (text === undefined) return err(refuse('too_large', `A body is at most ${MAX_BODY_BYTES} bytes.`))
  if (text === '') return ok({})
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(c.req.header('content-type') ?? '')) {
    return err(refuse('unsupported_media_type'))
  }
  if (isTooDeep(text)) return err(refuse('invalid_input', `The body is nested more than ${MAX_DEPTH} levels deep.`))
  try {
    return ok(JSON.parse(text))
  } catch {
    return err(refuse('malformed_body'))
  }
}

/** undefined: it is too large. A declared length is what arrives (the HTTP parser holds clients to it); else the bytes are counted. */
async function readText(request: Request): Promise<string | undefined> {
  const declared = request.headers.get('content-length')
  if (declared !== null) return Number(declared) > MAX_BODY_BYTES ? undefined : request.text()
  if (request.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** Counts brackets outside of strings, without recursion. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === BACKSLASH) i++
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]
