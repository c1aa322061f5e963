/**
 * The lines of UTF-8 text that arrives in pieces, without their ends. Only a line feed ends one: node's readline would also break at U+2028
 * and U+2029, which may stand inside a JSON string.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let begun = ''
  for await (const piece of pieces) {
    const [rest = '', ...lines] = decoder.decode(piece, { stream: true }).split('\n')
    begun += rest
    for (const line of lines) {
      yield begun
      begun = line
    }
  }
  yield begun + decoder.decode()
}
