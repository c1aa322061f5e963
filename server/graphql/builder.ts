import SchemaBuilder from '@pothos/core'
import { GraphQLError, Kind, type ValueNode } from 'graphql'
import type { GraphContext } from './graph-context.ts'

type Scalars = {
  ID: { Input: string; Output: string }
  DateTime: { Input: string; Output: string }
  MeetingTime: { Input: unknown; Output: never }
  JSON: { Input: unknown; Output: unknown }
}

/** Where every file of this folder adds its types; `schema.ts` lists them. Fields are never null unless they say so. */
export const builder = new SchemaBuilder<{
  Context: GraphContext
  Scalars: Scalars
  DefaultFieldNullability: false
}>({ defaultFieldNullability: false })

builder.queryType({})
builder.mutationType({})
builder.subscriptionType({})

const text = (value: unknown): string => {
  if (typeof value === 'string') return value
  throw new GraphQLError('must be text')
}

builder.scalarType('DateTime', {
  description: 'An instant: ISO 8601. Input with any offset, output in UTC.',
  serialize: text,
  parseValue: text,
})

builder.scalarType('MeetingTime', {
  description:
    'A time of a meeting: an instant (ISO 8601 with any offset), or `{ local: "2026-11-24T10:00", timezone? }`, a wall clock in the zone of the meeting.',
  serialize: () => {
    throw new GraphQLError('is for input only')
  },
  parseValue: (value) => value,
  parseLiteral: valueOf,
})

builder.scalarType('JSON', {
  description: 'Any JSON.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: valueOf,
})

/** Deeper literals are over the bound of brackets anyway. */
function valueOf(node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value
    case Kind.LIST:
      return node.values.map((value) => valueOf(value, variables))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, valueOf(field.value, variables)]))
    case Kind.VARIABLE:
      return variables?.[node.name.value]
    default:
      return node satisfies never
  }
}
