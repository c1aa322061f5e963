import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOPIC_KINDS } from '../../domain/news.ts'
import { COMMANDS } from '../../realtime/protocol.ts'
import { schema } from '../../server/graphql/schema.ts'
import { askDocument, askGraph, askRest, askSocket, openSockets } from './ask.ts'
import { type Cell, type Deviation, cellsOf, judge } from './cells.ts'
import { DOC_ROWS } from './doc-rows.ts'
import { GRAPH_ROWS } from './graph-rows.ts'
import { PRINCIPALS } from './grid.ts'
import { OTHER_ROWS, REST_ROWS } from './rest-rows.ts'
import { SOCKET_ROWS } from './socket-rows.ts'
import { type Things, makeThings } from './things.ts'
import { type Town, openTown } from './town.ts'

let town: Town
let things: Things
let asked = 0
const all: Deviation[] = []
beforeAll(async () => {
  town = await openTown()
  things = await makeThings(town)
})
afterAll(async () => {
  console.log(`matrix: ${asked} cells, ${all.length} deviations`)
  await town?.[Symbol.asyncDispose]()
})

/** Says every cell that deviates, and fails if there is one. */
function expectNone(cells: readonly Cell[], deviations: readonly Deviation[]): void {
  asked += cells.length
  all.push(...deviations)
  expect(cells.length).toBeGreaterThan(0)
  const lines = deviations.map((d) => `${d.operation}, ${d.who}, ${d.relation}: ${d.got} instead of ${d.expected}`)
  expect(lines).toEqual([])
}

describe('nothing is without a row', () => {
  const names = (rows: readonly { operation: string }[]) => [...new Set(rows.map((row) => row.operation))].sort()

  test('no operation of OpenAPI', async () => {
    const { paths } = (await town.api.call('GET', '/openapi.json')).body
    const operations = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    )
    expect(names(REST_ROWS)).toEqual(operations.sort())
  })

  test('no field of GraphQL', () => {
    const roots = (['query', 'mutation', 'subscription'] as const).flatMap((type) =>
      Object.keys(schema.getRootType(type as never)?.getFields() ?? {}).map((name) => `${type} ${name}`),
    )
    expect(names(GRAPH_ROWS)).toEqual(roots.sort())
  })

  test('no command, no topic, no right to a document', () => {
    // Watching is asked once for each kind of topic.
    const commands = Object.keys(COMMANDS).filter((name) => name !== 'topic.watch')
    const topics = TOPIC_KINDS.map((kind) => `topic ${kind}`)
    expect(names(SOCKET_ROWS)).toEqual([...commands, ...topics].sort())
    expect(names(DOC_ROWS)).toEqual(['document read', 'document write'])
  })
})

describe('everybody gets what the tables say', () => {
  test('over REST', async () => {
    const cells: Cell[] = []
    const deviations: Deviation[] = []
    for (const row of [...REST_ROWS, ...OTHER_ROWS]) {
      const own = cellsOf(row, things)
      cells.push(...own)
      // What a cell arranges for itself must stand until it has asked.
      deviations.push(...(await judge(own, (cell) => askRest(town, row, cell), row.before ? 1 : undefined)))
    }
    expectNone(cells, deviations)
  }, 120_000)

  test('over GraphQL', async () => {
    const cells: Cell[] = []
    const deviations: Deviation[] = []
    for (const row of GRAPH_ROWS) {
      const own = cellsOf(row, things)
      cells.push(...own)
      deviations.push(...(await judge(own, (cell) => askGraph(town, row, cell))))
    }
    expectNone(cells, deviations)
  }, 120_000)

  test('over sockets', async () => {
    await using sockets = await openSockets(town)
    const cells: Cell[] = []
    const deviations: Deviation[] = []
    for (const row of SOCKET_ROWS) {
      const own = cellsOf(row, things)
      cells.push(...own)
      deviations.push(...(await judge(own, (cell) => askSocket(sockets, row, cell))))
    }
    expectNone(cells, deviations)
  }, 120_000)

  test('in documents', async () => {
    const [reading, writing] = DOC_ROWS.map((row) => cellsOf({ ...row, kind: 'meeting' }, things)) as [Cell[], Cell[]]
    const got = new Map<string, { read: string; write: string }>()
    const key = ({ who, relation }: Cell) => `${who} ${relation}`
    const deviations = await judge(reading, async (cell) => {
      const seen = await askDocument(town, cell.who, cell.target)
      got.set(key(cell), seen)
      return seen.read
    })
    deviations.push(...(await judge(writing, async (cell) => got.get(key(cell))?.write ?? 'not asked')))
    expectNone([...reading, ...writing], deviations)
  }, 120_000)

  test('and every one of them was asked', () => {
    expect(PRINCIPALS).toHaveLength(12)
    expect(asked).toBeGreaterThan(3_000)
  })
})
