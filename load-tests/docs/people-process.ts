import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Sink, type Seat, Typist } from './typist.ts'
import type { WireName } from './wires.ts'

// A process of people in documents. Forked by people.ts, told what to do by messages; it ends with its parent.

export interface OpenOrder {
  kind: 'open'
  wire: WireName
  /** The people of each document. All of a document are in one process, so that one clock times them. */
  docs: Seat[][]
  /** What each of them writes first. */
  text: { paragraphs: number; letters: number }
}

export interface TypeOrder {
  kind: 'type'
  /** Of each person, per second. */
  keys: number
  cursors: number
  seconds: number
}

export type Order = OpenOrder | TypeOrder | { kind: 'report' | 'leave' }

export interface PeopleReport extends Sink {
  sent: number
  /** Letters of each document so far. */
  letters: number[]
  /** Deliveries that did not come although they were waited for. */
  missing: number
  unstored: number
  /** Of people whom the server sent away. */
  closes: number[]
  /** How much later than planned the latest key was pressed, in milliseconds. */
  late: number
}

/** Nothing is on its way after so long, if the servers keep up. */
const SETTLE_MS = 5_000
const JOINING_AT_ONCE = 25
const TICK_MS = 4

let docs: Typist[][] = []
let acks = false
let sink: Sink = emptySink()

process.on('message', (order: Order) => {
  void obey(order).then((report) => process.send?.(report))
})
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<PeopleReport> {
  sink = emptySink()
  if (order.kind === 'open') await open(order)
  else if (order.kind === 'leave') await Promise.all(docs.flat().map((person) => person.leave()))
  const { sent, late } = order.kind === 'type' ? await type(order) : { sent: 0, late: 0 }
  await settled()
  const people = docs.flat()
  return {
    ...sink,
    sent,
    letters: docs.map((ones) => sum(ones, ({ letters }) => letters)),
    late,
    missing: sum(people, (person) => person.missing),
    unstored: acks ? sum(people, (person) => person.unstored) : 0,
    closes: people.flatMap(({ closedWith }) => (closedWith === undefined || closedWith === 1000 ? [] : [closedWith])),
  }
}

async function open({ wire, docs: seats, text }: OpenOrder): Promise<void> {
  acks = wire === 'ours'
  docs = seats.map((ones) => ones.map((seat) => new Typist(wire, seat, randomInt(2 ** 32), () => sink)))
  for (const doc of docs) for (const one of doc) for (const other of doc) if (one !== other) one.meet(other)
  for (let i = 0; i < docs.length; i += JOINING_AT_ONCE) {
    const people = docs.slice(i, i + JOINING_AT_ONCE).flat()
    await Promise.all(people.map((person) => person.join()))
    for (const person of people) person.begin(text)
  }
}

/** Open loop: what is due is sent, however far the servers are. */
async function type({ keys, cursors, seconds }: TypeOrder): Promise<{ sent: number; late: number }> {
  const people = docs.flat()
  const plans = people.flatMap((person) => [plan(keys, () => person.type()), plan(cursors, () => person.moveCursor())])
  const began = performance.now()
  const before = sum(people, ({ clock }) => clock)
  let late = 0
  for (let now = 0; now < seconds * 1_000; now = performance.now() - began) {
    for (const one of plans) {
      for (; one.at <= now; one.at += one.everyMs) {
        late = Math.max(late, now - one.at)
        one.act()
      }
    }
    await delay(TICK_MS)
  }
  return { sent: sum(people, ({ clock }) => clock) - before, late }
}

/** People do not act in step. */
function plan(perSecond: number, act: () => void): { at: number; everyMs: number; act: () => void } {
  const everyMs = 1_000 / perSecond
  return { at: Math.random() * everyMs, everyMs, act }
}

async function settled(): Promise<void> {
  const deadline = performance.now() + SETTLE_MS
  const isSettled = () => docs.flat().every((person) => person.missing === 0 && (!acks || person.unstored === 0))
  while (!isSettled() && performance.now() < deadline) await delay(20)
}

function emptySink(): Sink {
  return { near: [], far: [], stored: [], cursors: 0 }
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0)
}
