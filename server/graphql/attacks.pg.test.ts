import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, openBookingOffice } from '../../testkit/booking-office.ts'
import { type TestGraph, openTestGraph } from '../../testkit/graph.ts'

let office: BookingOffice
let graph: TestGraph
beforeAll(async () => {
  office = await openBookingOffice()
  graph = openTestGraph(office.api, { production: true })
})
afterAll(() => office[Symbol.asyncDispose]())

const times = (count: number, make: (i: number) => string) => Array.from({ length: count }, (_, i) => make(i)).join(' ')
const nested = (levels: number, open: string, close: string, inner: string) =>
  open.repeat(levels) + inner + close.repeat(levels)
const user = `createUser(input: { email: "a@example.org", firstName: "A", lastName: "B" }) { id }`
const json = { 'content-type': 'application/json' }

interface Attack {
  body?: unknown
  headers?: Record<string, string>
  /** By GET, with this in the URL. */
  search?: string
  code: string
}

const ATTACKS: Record<string, Attack> = {
  'guessing a hundred passwords by aliases in one request': {
    body: { query: `mutation { ${times(100, (i) => `a${i}: ${user}`)} }` },
    code: 'too_large',
  },
  'guessing by six aliases a request': {
    body: { query: `mutation { ${times(6, (i) => `a${i}: ${user}`)} }` },
    code: 'too_large',
  },
  'alias overload of a query': {
    body: { query: `{ viewer { ${times(8, (i) => `a${i}: id b${i}: email c${i}: role`)} } }` },
    code: 'too_large',
  },
  'batching of a hundred operations': {
    body: Array.from({ length: 100 }, () => ({ query: '{ viewer { id } }' })),
    code: 'invalid_input',
  },
  'deep nesting': {
    body: { query: `{ meetings { edges { node ${nested(30, '{ rooms ', '}', '{ id }')} } } }` },
    code: 'too_large',
  },
  'circular fragments': {
    body: { query: 'query { viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }' },
    code: 'too_large',
  },
  'a bomb of fragments that double each other': {
    body: {
      query: `{ viewer { ...F20 } } fragment F0 on User { id email } ${times(20, (i) => `fragment F${i + 1} on User { ...F${i} ...F${i} }`)}`,
    },
    code: 'too_large',
  },
  'huge lists in lists': {
    body: {
      query: '{ meetings(first: 500) { edges { node { participants { user { id } } rooms { floor { id } } } } } }',
    },
    code: 'too_large',
  },
  'a page of a million by a variable': {
    body: { query: 'query ($n: Int!) { users(first: $n) { edges { node { id } } } }', variables: { n: 1_000_000 } },
    code: 'too_large',
  },
  'field duplication': { body: { query: `{ viewer { ${times(900, () => 'id')} } }` }, code: 'too_large' },
  'directive overload': {
    body: { query: `{ viewer { id ${times(300, () => '@include(if: true)')} } }` },
    code: 'too_large',
  },
  'a flood of tokens': {
    body: { query: `{ viewer { id } ${times(5_000, () => '#\n,')} ${times(3_000, () => 'x')} }` },
    code: 'too_large',
  },
  introspection: { body: { query: '{ __schema { types { name fields { name } } } }' }, code: 'invalid_input' },
  'introspection of one type': {
    body: { query: '{ __type(name: "User") { fields { name } } }' },
    code: 'invalid_input',
  },
  'asking for suggestions of field names': { body: { query: '{ viewer { emai } }' }, code: 'invalid_input' },
  'asking for suggestions of an enum': {
    body: { query: '{ users(role: ownr) { edges { cursor } } }' },
    code: 'invalid_input',
  },
  'a body of two megabytes': { body: { query: `{ viewer { id } } #${'x'.repeat(2_000_000)}` }, code: 'too_large' },
  'variables nested a thousand levels': {
    body: `{"query":"{ viewer { id } }","variables":{"a":${nested(1_000, '[', ']', '')}}}`,
    code: 'invalid_input',
  },
  'a form of another site that posts a mutation': {
    body: `query=${encodeURIComponent(`mutation { ${user} }`)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    code: 'unsupported_media_type',
  },
  'plain text of another site that posts a mutation': {
    body: JSON.stringify({ query: `mutation { ${user} }` }),
    headers: { 'content-type': 'text/plain' },
    code: 'unsupported_media_type',
  },
  'a mutation by GET': { search: `?query=${encodeURIComponent(`mutation { ${user} }`)}`, code: 'forbidden' },
  'many operations, none of them named': {
    body: { query: times(100, (i) => `query Q${i} { viewer { id } }`) },
    code: 'invalid_input',
  },
  'many subscriptions in one': {
    body: { query: `subscription { ${times(5, (i) => `a${i}: meetingChanged(id: "${i}") { seq }`)} }` },
    code: 'too_large',
  },
}

/** Attacks are cheap to refuse, or they are worth trying. */
const MOST_MS = 50
const ROUNDS = 5

describe('attacks', () => {
  test.each(Object.entries(ATTACKS))('%s is refused', async (name, { body, headers, search = '', code }) => {
    const ms: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now()
      const answer = await graph.request(
        {
          method: search === '' ? 'POST' : 'GET',
          headers: { authorization: `Bearer ${office.token}`, ...(headers ?? json) },
          ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        },
        search,
      )
      const text = await answer.text()
      ms.push(performance.now() - started)
      const { data, errors, code: problem } = JSON.parse(text)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(data).toBeUndefined()
      expect(problem ?? errors[0].extensions.code).toBe(code)
      expect(text).not.toMatch(/did you mean|node_modules|at .*\.ts/i)
    }
    const median = ms.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number
    console.log(`${median.toFixed(1).padStart(6)} ms  ${name}`)
    expect(median).toBeLessThan(MOST_MS)
  })

  test('none of them has made a person', async () => {
    expect(await office.query('SELECT id FROM users WHERE email = $1', ['a@example.org'])).toEqual([])
  })

  test('who has no token, or that of a session that ended, hears 401 and nothing of the schema', async () => {
    for (const headers of [json, { ...json, authorization: 'Bearer x' }, {}]) {
      const answer = await graph.request({ method: 'POST', headers, body: '{ "query": "{ nonsense }" }' })
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'unauthenticated' })
    }
    expect((await graph.request({ method: 'DELETE' })).status).toBe(401)
    const known = { authorization: `Bearer ${office.token}` }
    expect((await graph.request({ method: 'DELETE', headers: known })).headers.get('allow')).toBe('GET, POST')
  })

  test('a fault of ours is told as a code only, and outside of production the schema is open', async () => {
    const broken = openTestGraph({
      ...office.api,
      deps: { ...office.api.deps, pool: { connect: () => Promise.resolve({ secret: 'x' }) } as never },
    })
    const { errors, text } = await broken.ask(office.token, '{ viewer { id } }')
    expect(errors).toMatchObject([{ extensions: { code: 'internal', status: 500 } }])
    expect(text).not.toMatch(/TypeError|function|stack/)
    const open = await broken.ask(office.token, '{ __type(name: "User") { name } }')
    expect(open.data).toEqual({ __type: { name: 'User' } })
    const hint = await broken.ask(office.token, '{ viewer { emai } }')
    expect(hint.errors?.[0].message).toContain('Did you mean')
  })
})
