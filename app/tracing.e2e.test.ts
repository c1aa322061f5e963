import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../testkit/eventually.ts'
import { TestNetwork } from '../testkit/network.ts'
import { type Office, expectStatus, foundOffice, span } from '../testkit/promises/office.ts'
import { type TraceCollector, openTraceCollector } from '../testkit/trace-collector.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

let collector: TraceCollector
let network: TestNetwork
let office: Office
beforeAll(async () => {
  collector = await openTraceCollector()
  network = await TestNetwork.open({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  office = await foundOffice(network, { people: 0, rooms: 1 })
})
afterAll(async () => {
  await network?.[Symbol.asyncDispose]()
  await collector?.[Symbol.asyncDispose]()
})

test('one trace goes from the POST through the store and the relay to the news on a socket of another node', async () => {
  const topic = `room:${office.rooms[0]}`
  const client = network.socket(office.owner.token)
  await client.watch(topic)
  const title = 'Marked, and in no span'
  const booked = await office.call('POST', '/meetings', {
    body: { title, roomIds: office.rooms, ...span(office.at(0)) },
    headers: { traceparent: `00-${TRACE}-${PARENT}-01` },
  })
  expectStatus(booked, 201)
  expect(booked.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-01$`))
  await client.until(() => client.items.some((item) => item.topic === topic), 'the news')

  const wanted: [node: string, name: string][] = [
    ['api-1', 'POST /meetings'],
    ['api-1', 'command POST /meetings'],
    ['api-1', 'postgres transaction'],
    ['worker-1', 'news relay'],
    ['realtime-1', 'news delivery'],
  ]
  const spans = () => collector.spans.filter(({ traceId }) => traceId === TRACE)
  const found = (node: string, name: string) => spans().find((one) => one.node === node && one.name === name)
  await eventually(async () => {
    const missing = wanted.filter(([node, name]) => found(node, name) === undefined)
    return missing.length === 0 ? undefined : `no span ${missing.join(', ')}`
  })

  const [request, command, transaction, relayed, delivered] = wanted.map(([node, name]) => found(node, name)!)
  expect(request?.parentSpanId).toBe(PARENT)
  expect(request?.facts).toMatchObject({ 'http.route': '/meetings', 'http.response.status_code': 201 })
  expect(command?.parentSpanId).toBe(request?.spanId)
  expect(command?.facts).toMatchObject({ outcome: 'ok' })
  expect(transaction?.parentSpanId).toBe(command?.spanId)
  expect(transaction?.facts).toEqual({ statements: expect.any(Number), 'pool.wait_ms': expect.any(Number) })
  expect([relayed?.parentSpanId, delivered?.parentSpanId]).toEqual([request?.spanId, request?.spanId])
  expect(JSON.stringify(collector.spans)).not.toContain(title)
})

test('the line of a request carries the id of its trace', async () => {
  const answer = await office.call('GET', '/rooms')
  const traceId = answer.headers.get('traceparent')?.split('-')[1]
  const log = await network.node('api-1').log()
  const line = log.split('\n').find((text) => text.includes(String(answer.headers.get('x-request-id'))))
  expect(JSON.parse(String(line))).toMatchObject({ event: 'request', route: '/rooms', traceId })
})

test('what a whole installation does, signing in included, is on the chain within a second, and its head in the log', async () => {
  await office.call('POST', '/rooms', { body: { name: 'Audited', capacity: 3 } })
  await eventually(async () => {
    const { body } = await office.call('GET', '/audit/verify')
    return body.ok && body.complete && body.unsealed === 0 && body.checked > 2 ? undefined : JSON.stringify(body)
  }, 1_000)
  const { head } = (await office.call('GET', '/audit/verify')).body
  expect(await network.node('worker-1').log()).toContain(head.hash)
})
