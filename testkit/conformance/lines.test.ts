import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

test('only a line feed ends a line, wherever the pieces are cut', async () => {
  const text = '{"id":"a\u2028b\u2029c\u0085d"}\r\n\n{"id":"é😀"}\nlast'
  const bytes = new TextEncoder().encode(text)
  for (const size of [1, 2, 3, 7, 1_000]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    const lines: string[] = []
    for await (const line of linesOf(pieces)) lines.push(line)
    expect(lines).toEqual(text.split('\n'))
  }
})
