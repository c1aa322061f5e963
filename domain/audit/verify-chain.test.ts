import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type AuditRow, GENESIS, sealRows, sealingOrder } from './chain.ts'
import { type SealedRow, followChain, judgeAnchor, judgeEnd } from './verify-chain.ts'

const START = { seq: 0, hash: GENESIS }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function row(given: Partial<AuditRow> = {}): AuditRow {
  return {
    organizationId: 'o',
    id: randomUUID(),
    at: '2026-11-24T10:00:00.000000Z',
    actorId: randomUUID(),
    onBehalfOf: null,
    sessionId: null,
    requestId: randomUUID(),
    action: 'meeting.create',
    subjectId: randomUUID(),
    detail: '{}',
    ...given,
  }
}

function chainOf(rows: readonly AuditRow[]): SealedRow[] {
  return sealRows(sha256, START, rows).map((seal, i) => ({ seal, row: rows[i] }))
}

const chain = (length = 5) => chainOf(Array.from({ length }, () => row()))

describe('a chain', () => {
  test('that nobody touched holds, page by page', () => {
    const links = chain()
    const first = followChain(sha256, START, links.slice(0, 2))
    const second = followChain(sha256, first.point, links.slice(2))
    expect(second).toEqual({ point: { seq: 5, hash: links[4]?.seal.hash } })
  })

  test('says which row was edited, whatever the field', () => {
    const fields = [
      'id',
      'at',
      'actorId',
      'onBehalfOf',
      'sessionId',
      'requestId',
      'action',
      'subjectId',
      'detail',
    ] as const
    for (const field of fields) {
      const links = chain()
      links[2] = { seal: links[2]!.seal, row: { ...links[2]!.row!, [field]: randomBytes(4).toString('hex') } }
      expect(followChain(sha256, START, links).problem).toEqual({ seq: 3, kind: 'edited' })
    }
  })

  test('says so too when a row no longer says, or says now, in whose name it was done', () => {
    const hash = sealRows(sha256, START, [row({ id: 'i', actorId: 'a', requestId: 'r', subjectId: 's' })])[0]?.hash
    expect(hash).toBe(
      sha256(
        `["convoke-audit-1","${GENESIS}",1,"o","i","2026-11-24T10:00:00.000000Z","a",null,"r","meeting.create","s","{}"]`,
      ),
    )
    const links = chainOf([row({ onBehalfOf: 'somebody' }), row(), row({ onBehalfOf: 'somebody' })])
    for (const [i, onBehalfOf] of [null, 'somebody', 'somebody else'].entries()) {
      const edited = links.with(i, { seal: links[i]!.seal, row: { ...links[i]!.row!, onBehalfOf } })
      expect(followChain(sha256, START, edited).problem).toEqual({ seq: i + 1, kind: 'edited' })
    }
  })

  test('says where a link or a row is missing', () => {
    const links = chain()
    expect(followChain(sha256, START, links.toSpliced(1, 1)).problem).toEqual({ seq: 2, kind: 'deleted' })
    links[3] = { seal: links[3]!.seal, row: undefined }
    expect(followChain(sha256, START, links).problem).toEqual({ seq: 4, kind: 'deleted' })
  })

  test('says where rows changed places, with their links or without', () => {
    const links = chain()
    const rows = links.with(1, { ...links[1]!, row: links[3]!.row }).with(3, { ...links[3]!, row: links[1]!.row })
    expect(followChain(sha256, START, rows).problem).toEqual({ seq: 2, kind: 'reordered' })
    const moved = (from: number, seq: number) => ({ ...links[from]!, seal: { ...links[from]!.seal, seq } })
    const both = links.with(1, moved(3, 2)).with(3, moved(1, 4))
    expect(followChain(sha256, START, both).problem).toEqual({ seq: 2, kind: 'reordered' })
  })

  test('that ends too early or otherwise than its head is not what it was', () => {
    const { point } = followChain(sha256, START, chain(3))
    expect(judgeEnd(point, point)).toBeUndefined()
    expect(judgeEnd(point, { seq: 5, hash: 'ff' })).toEqual({ seq: 4, kind: 'truncated' })
    expect(judgeEnd(point, { seq: 3, hash: 'ff' })).toEqual({ seq: 3, kind: 'rewritten' })
    expect(judgeEnd(point, START)).toEqual({ seq: 1, kind: 'rewritten' })
  })

  test('made anew from edited rows holds in itself and is told by an anchor alone', () => {
    const old = chain(3).at(-1)!.seal
    const anew = chain(3)
    expect(followChain(sha256, START, anew).problem).toBeUndefined()
    expect(judgeAnchor(old, old.hash)).toBeUndefined()
    expect(judgeAnchor(old, anew.at(-1)!.seal.hash)).toEqual({ seq: 3, kind: 'rewritten' })
    expect(judgeAnchor(old, undefined)).toEqual({ seq: 3, kind: 'truncated' })
  })
})

test('rows found together go on in the order of time, then of id', () => {
  const [a, b, c] = [row({ at: '2026-11-24T10:00:01.000000Z', id: 'a' }), row({ id: 'c' }), row({ id: 'b' })]
  expect([a, b, c].toSorted(sealingOrder)).toEqual([c, b, a])
})
