import { beforeAll, describe, expect, test } from 'vitest'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, expectStatus, foundOffice, loggedErrors } from './office.ts'

let network: TestNetwork
let office: Office
let judge: Judge
let nodes: TestNode[]

interface Series {
  title: string
  timezone: string
  /** Local start of the first, and how long each lasts. */
  local: string
  minutes: number
  rrule: string
  /** `recurrenceId start` of every occurrence; the instants were written down by hand from the zone's own rules. */
  due: string[]
}

const SERIES: Series[] = [
  {
    title: 'nine in Berlin over the last Sunday of March',
    timezone: 'Europe/Berlin',
    local: '2027-03-15T09:00',
    minutes: 60,
    rrule: 'FREQ=WEEKLY;COUNT=4',
    due: [
      '20270315T090000 2027-03-15T08:00:00Z',
      '20270322T090000 2027-03-22T08:00:00Z',
      '20270329T090000 2027-03-29T07:00:00Z',
      '20270405T090000 2027-04-05T07:00:00Z',
    ],
  },
  {
    title: 'nine in Berlin over the last Sunday of October',
    timezone: 'Europe/Berlin',
    local: '2027-10-18T09:00',
    minutes: 60,
    rrule: 'FREQ=WEEKLY;COUNT=4',
    due: [
      '20271018T090000 2027-10-18T07:00:00Z',
      '20271025T090000 2027-10-25T07:00:00Z',
      '20271101T090000 2027-11-01T08:00:00Z',
      '20271108T090000 2027-11-08T08:00:00Z',
    ],
  },
  {
    title: 'half past two in New York, which a gap leaves out: the offset before it',
    timezone: 'America/New_York',
    local: '2027-03-13T02:30',
    minutes: 30,
    rrule: 'FREQ=DAILY;COUNT=3',
    due: [
      '20270313T023000 2027-03-13T07:30:00Z',
      '20270314T023000 2027-03-14T07:30:00Z',
      '20270315T023000 2027-03-15T06:30:00Z',
    ],
  },
  {
    title: 'half past one in New York, which happens twice: the first pass',
    timezone: 'America/New_York',
    local: '2027-11-06T01:30',
    minutes: 30,
    rrule: 'FREQ=DAILY;COUNT=3',
    due: [
      '20271106T013000 2027-11-06T05:30:00Z',
      '20271107T013000 2027-11-07T05:30:00Z',
      '20271108T013000 2027-11-08T06:30:00Z',
    ],
  },
  {
    title: 'nine on Lord Howe, whose clocks go back by half an hour',
    timezone: 'Australia/Lord_Howe',
    local: '2027-04-03T09:00',
    minutes: 60,
    rrule: 'FREQ=DAILY;COUNT=3',
    due: [
      '20270403T090000 2027-04-02T22:00:00Z',
      '20270404T090000 2027-04-03T22:30:00Z',
      '20270405T090000 2027-04-04T22:30:00Z',
    ],
  },
  {
    title: 'a quarter past two on Lord Howe, in a gap of half an hour',
    timezone: 'Australia/Lord_Howe',
    local: '2027-10-02T02:15',
    minutes: 15,
    rrule: 'FREQ=DAILY;COUNT=3',
    due: [
      '20271002T021500 2027-10-01T15:45:00Z',
      '20271003T021500 2027-10-02T15:45:00Z',
      '20271004T021500 2027-10-03T15:15:00Z',
    ],
  },
  {
    title: 'a quarter to two on Lord Howe, which happens twice: the first pass',
    timezone: 'Australia/Lord_Howe',
    local: '2027-04-03T01:45',
    minutes: 10,
    rrule: 'FREQ=DAILY;COUNT=3',
    due: [
      '20270403T014500 2027-04-02T14:45:00Z',
      '20270404T014500 2027-04-03T14:45:00Z',
      '20270405T014500 2027-04-04T15:15:00Z',
    ],
  },
]

export function wallClock(ground: () => Ground): void {
  describe('Promise 6: wall-clock time is stable across DST; gap and overlap follow RFC 5545 3.3.5', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 1, rooms: 4 })
      nodes = network.of('api')
    })

    test.for(SERIES)('$title, whatever zone the node stands in', async (series) => {
      const answers = await Promise.all(nodes.map((node) => occurrences(node, series)))
      for (const { items } of answers) {
        expect(items.map((o) => `${o.recurrenceId} ${o.startTime}`)).toEqual(series.due)
        for (const { startTime, endTime, timezone } of items) {
          expect([(Date.parse(endTime) - Date.parse(startTime)) / 60_000, timezone]).toEqual([
            series.minutes,
            series.timezone,
          ])
        }
      }
      // Each node reads what the other one wrote, and says the same.
      const [one, two] = nodes as [TestNode, TestNode]
      for (const { path, items } of answers) {
        for (const node of [one, two])
          expect((await office.call('GET', `${path}${WINDOW}`, { at: node })).body.items).toEqual(items)
      }
    })

    test('single meetings say their wall clock as such, as an instant and with any offset', async () => {
      const said: [object | string, string][] = [
        [{ local: '2027-03-14T02:30' }, '2027-03-14T07:30:00Z'],
        [{ local: '2027-11-07T01:30' }, '2027-11-07T05:30:00Z'],
        [{ local: '2027-11-07T01:30', timezone: 'America/New_York' }, '2027-11-07T05:30:00Z'],
        ['2027-11-07T01:30:00-05:00', '2027-11-07T06:30:00Z'],
        ['2027-11-07T07:30:00+01:00', '2027-11-07T06:30:00Z'],
      ]
      for (const [startTime, due] of said) {
        const endTime = new Date(Date.parse(due) + 600_000).toISOString()
        const body = { title: 'New York', startTime, endTime, timezone: 'America/New_York' }
        const answers = await Promise.all(nodes.map((at) => office.call('POST', '/meetings', { body, at })))
        for (const answer of answers) expect(expectStatus(answer, 201).body.meeting.startTime).toBe(due)
      }
      const nowhere = {
        title: 'x',
        startTime: '2027-11-07T01:30',
        endTime: '2027-11-07T03:00',
        timezone: 'America/New_York',
      }
      const elsewhere = {
        ...nowhere,
        startTime: { local: '2027-11-07T01:30', timezone: 'Europe/Berlin' },
        endTime: { local: '2027-11-07T03:00' },
      }
      for (const body of [nowhere, elsewhere]) {
        const refused = await office.call('POST', '/meetings', { body })
        expect([refused.status, refused.body.code]).toEqual([422, 'invalid_time'])
      }
    })

    test('a series moved over the change by one hour keeps its new wall clock on both sides, on every node and socket', async () => {
      const [berlin] = SERIES as [Series]
      const [one, two] = nodes as [TestNode, TestNode]
      const { path } = await occurrences(one, berlin)
      const meeting = path.replace('/occurrences', '')
      const body = { startTime: { local: '2027-03-15T10:00' }, endTime: { local: '2027-03-15T11:00' }, version: 1 }
      const moved = expectStatus(await office.call('PUT', meeting, { body, at: two }), 200).body
      await one.kill()
      await one.start()
      for (const at of nodes) {
        const { items } = (await office.call('GET', `${path}${WINDOW}`, { at })).body as { items: Occurrence[] }
        expect(items.map((o) => `${o.recurrenceId} ${o.startTime}`)).toEqual([
          '20270315T100000 2027-03-15T09:00:00Z',
          '20270322T100000 2027-03-22T09:00:00Z',
          '20270329T100000 2027-03-29T08:00:00Z',
          '20270405T100000 2027-04-05T08:00:00Z',
        ])
      }
      for (const { url } of network.of('realtime')) {
        const client = network.socket(office.owner.token, url)
        await client.watch(`meeting:${moved.id}`)
        expect(client.snapshots[0]?.data).toEqual(moved)
      }
    })

    test('a time that a gap moved meets what is really there', async () => {
      const [room] = office.rooms as [string]
      const inGap = { title: 'in the gap', ...newYork('2027-03-14T02:30', '2027-03-14T03:45'), roomIds: [room] }
      expectStatus(await office.call('POST', '/meetings', { body: inGap, at: nodes[0]! }), 201)
      // 03:30 after the gap is the instant that 02:30 became.
      const after = { title: 'after it', ...newYork('2027-03-14T03:30', '2027-03-14T04:00'), roomIds: [room] }
      const refused = await office.call('POST', '/meetings', { body: after, at: nodes[1]! })
      expect(refused.status).toBe(409)
      expect(refused.body.conflicts).toMatchObject([{ start: '2027-03-14T07:30:00Z', end: '2027-03-14T07:45:00Z' }])
      expect(await judge.faults()).toEqual([])
      expect(await loggedErrors(network)).toEqual([])
    })
  })
}

interface Occurrence {
  recurrenceId: string
  startTime: string
  endTime: string
  timezone: string
}

const WINDOW = '?from=2027-01-01T00:00:00Z&to=2028-01-01T00:00:00Z'

/** Books the series at a node and asks it for what it made of it. */
async function occurrences(at: TestNode, { title, timezone, local, minutes, rrule }: Series) {
  const end = new Date(Date.parse(`${local}Z`) + minutes * 60_000).toISOString().slice(0, 16)
  const body = { title, startTime: { local }, endTime: { local: end }, timezone, recurrencePattern: { rrule } }
  const booked = expectStatus(await office.call('POST', '/meetings', { body, at }), 201)
  const path = `/meetings/${booked.body.meeting.id}/occurrences`
  const { items } = expectStatus(await office.call('GET', `${path}${WINDOW}`, { at }), 200).body as {
    items: Occurrence[]
  }
  return { path, items }
}

function newYork(start: string, end: string) {
  return { startTime: { local: start }, endTime: { local: end }, timezone: 'America/New_York' }
}
