import fc from 'fast-check'
import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
} from 'graphql'
import { schema } from '../../server/graphql/schema.ts'
import type { OpenApi, Operation } from '../../server/openapi.ts'
import type { Hostile } from './hostile-values.ts'

export interface HostileRequest {
  method: string
  path: string
  body: string | undefined
  headers: Record<string, string>
}

const COSTLY = /^\/auth\/(register|login)$/

/** Requests to every operation that takes a body or a query; those that hash passwords come seldom. */
export function hostileRequests(
  { paths, components }: OpenApi,
  { value, text, id, body }: Hostile,
): fc.Arbitrary<HostileRequest> {
  const headers = fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    fc.record({ 'if-match': fc.oneof(fc.constantFrom('*', '"1"', '"1.0"', 'W/"2"', '"'), header(text)) }),
    fc.record({ 'on-behalf-of': header(fc.oneof(id, text)) }),
    fc.record({ 'idempotency-key': fc.oneof(fc.constantFrom('k', 'x'.repeat(256)), header(text)) }),
    fc.record({
      'content-type': fc.constantFrom(
        'text/plain',
        'application/json; charset=utf-16',
        '',
        'application/x-www-form-urlencoded',
      ),
    }),
  )
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return fc.oneof(
    ...operations.map(({ path, method, operation }) => ({
      weight: COSTLY.test(path) ? 1 : 10,
      arbitrary: fc.record({
        method: fc.constant(method),
        path: fc.tuple(filled(path), search(operation)).map((parts) => parts.join('')),
        body: payload(operation),
        headers,
      }),
    })),
  )

  function filled(path: string): fc.Arbitrary<string> {
    const parts = path.split(/\{\w+\}/)
    return fc
      .array(id, { minLength: parts.length - 1, maxLength: parts.length - 1 })
      .map((given) => parts.map((part, i) => part + (given[i] === undefined ? '' : encoded(given[i]))).join(''))
  }

  function search({ parameters }: Operation): fc.Arbitrary<string> {
    const known = parameters.filter((parameter) => parameter.in === 'query')
    const pair = fc.oneof(
      ...known.map(({ name, schema: of }) => {
        const given = fc.oneof(body(of, components.schemas), value, text)
        return {
          weight: 6,
          arbitrary: given.map((one) => `${name}=${encoded(typeof one === 'string' ? one : JSON.stringify(one))}`),
        }
      }),
      fc.tuple(text, text).map(([name, given]) => `${encoded(name)}=${encoded(given)}`),
    )
    return fc
      .array(pair, { maxLength: known.length === 0 ? 1 : 4 })
      .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`))
  }

  function payload({ requestBody }: Operation): fc.Arbitrary<string | undefined> {
    if (requestBody === undefined) return fc.constant(undefined)
    const made = body(requestBody.content['application/json'].schema, components.schemas).map((one) =>
      JSON.stringify(one),
    )
    const broken = fc.tuple(made, fc.nat(200)).map(([json, cut]) => (json ?? '').slice(0, cut))
    return fc.oneof(
      { weight: 8, arbitrary: made },
      { weight: 1, arbitrary: broken },
      fc.constantFrom('', '[]', 'null', '{"a":', '1'),
    )
  }
}

export interface HostileOperation {
  query: string
  variables: unknown
}

const WORDS = [
  '{',
  '}',
  '(',
  ')',
  '...',
  'on',
  'query',
  'mutation',
  '$a',
  ':',
  '"',
  '"""',
  '@include(if: true)',
  '#',
  '\\u0000',
  'id',
  '__typename',
  '![]',
  '-1e999',
]

/** Operations on every field of the roots with variables that are mostly wrong, and documents that are broken. */
export function hostileOperations({ value, text, id }: Hostile): fc.Arbitrary<HostileOperation> {
  const roots = (['query', 'mutation', 'subscription'] as const).flatMap((type) =>
    Object.values(schema.getRootType(type as never)?.getFields() ?? {}).map((field) => ({ type, field })),
  )
  const sound = fc
    .constantFrom(...roots)
    .chain(({ type, field }) =>
      fc
        .record(Object.fromEntries(field.args.map((arg) => [arg.name, input(arg.type)])), { requiredKeys: [] })
        .map((variables) => ({ query: document(type, field), variables: variables as unknown })),
    )
  const broken = fc
    .tuple(
      sound,
      fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.constantFrom(...WORDS), text)), { minLength: 1, maxLength: 4 }),
    )
    .map(([{ query, variables }, cuts]) => ({
      query: cuts.reduce((whole, [at, word]) => whole.slice(0, at) + word + whole.slice(at + (at % 3)), query),
      variables,
    }))
  const strange = fc.record({ query: fc.oneof(text, fc.constant('{ viewer { id } }')), variables: value })
  return fc.oneof({ weight: 4, arbitrary: sound }, { weight: 3, arbitrary: broken }, { weight: 1, arbitrary: strange })

  function input(type: GraphQLInputType, depth = 0): fc.Arbitrary<unknown> {
    const named = getNamedType(type)
    if (depth > 3) return value
    const right = isEnumType(named)
      ? fc.constantFrom(...named.getValues().map((one) => one.name))
      : isInputObjectType(named)
        ? fc.record(
            Object.fromEntries(Object.values(named.getFields()).map((one) => [one.name, input(one.type, depth + 1)])),
            {
              requiredKeys: [],
            },
          )
        : scalar(named.name)
    return fc.oneof({ weight: 5, arbitrary: right }, { weight: 2, arbitrary: value }, fc.array(right, { maxLength: 3 }))
  }

  function scalar(name: string): fc.Arbitrary<unknown> {
    if (name === 'ID') return id
    if (name === 'Int') return fc.integer({ min: -1, max: 600 })
    if (name === 'Boolean') return fc.boolean()
    if (name === 'DateTime' || name === 'MeetingTime')
      return fc.constantFrom('2026-11-24T10:00:00Z', '2026-11-24T11:00:00Z', 'now')
    return fc.oneof(text, fc.constantFrom('UTC', 'FREQ=DAILY;COUNT=2', 'A title'))
  }
}

function document(type: string, field: GraphQLField<unknown, unknown>): string {
  const variables = field.args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ')
  const given = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
  const selection = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : ''
  return field.args.length === 0
    ? `${type} { ${field.name}${selection} }`
    : `${type} Q(${variables}) { ${field.name}(${given})${selection} }`
}

/** As far as it can be said in an address. */
function encoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text.slice(0, 300).toWellFormed()) : '%ED%A0%80'
}

/** Header values are Latin-1 without line ends; anything else never leaves a client. */
function header(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return text.map((one) =>
    one
      .replaceAll(/[^\u0020-\u007e]/g, '')
      .trim()
      .slice(0, 300),
  )
}
