import { setTimeout as delay } from 'node:timers/promises'
import { heldBytes } from './held-bytes.ts'
import { openPeople } from './people.ts'
import type { Servers } from './servers.ts'
import type { Seat } from './typist.ts'
import type { WireName } from './wires.ts'

/** Some pages, as a meeting leaves them. */
const TEXT = { paragraphs: 50, letters: 80 }
/** Until either product has let go of documents that were left, and has stored those that were written. */
const REST_MS = 6_000

/** Bytes that the servers hold more for each open document with one person in it. Nobody may act meanwhile. */
export async function bytesPerDocument(wire: WireName, { pids }: Servers, seats: readonly Seat[]): Promise<number> {
  await delay(REST_MS)
  const before = await heldBytes(pids)
  const people = await openPeople(
    wire,
    seats.map((seat) => [seat]),
    TEXT,
  )
  await delay(REST_MS)
  const after = await heldBytes(pids)
  await people.leave()
  await people[Symbol.asyncDispose]()
  return (after - before) / seats.length
}
