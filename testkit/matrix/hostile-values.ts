import fc from 'fast-check'
import type { JsonSchema } from '../../server/openapi.ts'

/** What the requests of somebody who means harm, or nothing in particular, are made of. `ids` are of things that exist. */
export interface Hostile {
  /** Any JSON. */
  value: fc.Arbitrary<unknown>
  text: fc.Arbitrary<string>
  id: fc.Arbitrary<string>
  /** What a schema describes, here and there not. */
  body: (schema: JsonSchema, schemas: Record<string, JsonSchema>) => fc.Arbitrary<unknown>
}

const NAUGHTY_TEXTS = [
  ...['', ' ', '\0', 'a\0b', '\ud800', 'x\udfffy', '\u202egnp.exe', '\ufeff', '\r\nSet-Cookie: a=b', '%00', '%'],
  ...["' OR 1=1 --", '"; DROP TABLE meeting; --', '$1', '{{7*7}}', '${jndi:ldap://a}', '<script>alert(1)</script>'],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '-0', '1e400', '../../etc/passwd', '*'],
  ...['FREQ=DAILY', 'FREQ=SECONDLY', 'FREQ=YEARLY;BYDAY=MO;BYSETPOS=-366', 'UTC', 'Europe/Berlin', 'Mars/Base'],
  ...[
    '2026-11-24T10:00:00Z',
    '2026-11-24T10:00',
    '+275760-09-13T00:00:00Z',
    '0000-00-00T00:00:00Z',
    '9999-12-31T24:00:00Z',
  ],
  ...['http://169.254.169.254/latest', 'file:///etc/passwd', 'javascript:alert(1)', 'https://[::1]:22/'],
  'x'.repeat(501),
  'é'.repeat(20_001),
]
const NAUGHTY_NUMBERS = [
  0,
  -0,
  -1,
  0.1,
  1e-320,
  1e21,
  1e308,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  999_999_999,
  4_102_444_800_000,
]

export function hostileValues(ids: readonly string[]): Hostile {
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...NAUGHTY_TEXTS) },
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
  )
  const known = fc.constantFrom(...ids)
  const id = fc.oneof(
    { weight: 4, arbitrary: known },
    fc.uuid(),
    known.map((one) => one.toUpperCase()),
    text,
    fc.constantFrom('0'.repeat(36), '00000000-0000-0000-0000-000000000000'),
  )
  const number = fc.oneof(fc.constantFrom(...NAUGHTY_NUMBERS), fc.integer(), fc.double({ noNaN: true }))
  const deep = fc.integer({ min: 5, max: 60 }).map((levels) => nested(levels))
  const value: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 3, arbitrary: number },
    { weight: 2, arbitrary: id },
    { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { __proto__: null }, { length: 1e9 }),
    deep,
    fc.array(id, { maxLength: 60 }),
    fc.dictionary(text, text, { maxKeys: 4 }),
  )

  function sound(schema: JsonSchema, schemas: Record<string, JsonSchema>, depth: number): fc.Arbitrary<unknown> {
    if (depth > 5) return fc.constant(null)
    const below = (part: JsonSchema) => like(part, schemas, depth + 1)
    if (schema.$ref !== undefined) return below(schemas[schema.$ref.split('/').at(-1) as string] ?? {})
    if (schema.const !== undefined) return fc.constant(schema.const)
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices !== undefined) return fc.oneof(...choices.map(below))
    switch (schema.type) {
      case 'object': {
        const parts = Object.entries(schema.properties ?? {})
        return parts.length === 0 ? fc.dictionary(text, value, { maxKeys: 3 }) : objectOf(parts, below, schema.required)
      }
      case 'array':
        return fc.array(below(schema.items ?? {}), { maxLength: 3 })
      case 'string':
        return soundText(schema)
      case 'integer':
        return fc.integer({ min: 1, max: 60 })
      case 'number':
        return fc.double({ min: 0, max: 1, noNaN: true })
      case 'boolean':
        return fc.boolean()
      case undefined:
      default:
        return value
    }
  }

  function soundText(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (schema.format === 'uuid') return known
    if (schema.format === 'email') return fc.emailAddress()
    return fc.oneof(
      fc.constantFrom(
        'Europe/Berlin',
        'UTC',
        '2026-11-24T10:00:00Z',
        '2026-11-24T11:30:00+02:00',
        'FREQ=DAILY;COUNT=3',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    )
  }

  /** One in six parts is not what is wanted. */
  function like(schema: JsonSchema, schemas: Record<string, JsonSchema>, depth = 0): fc.Arbitrary<unknown> {
    return fc.oneof({ weight: 5, arbitrary: sound(schema, schemas, depth) }, { weight: 1, arbitrary: value })
  }

  function objectOf(
    parts: [string, JsonSchema][],
    below: (part: JsonSchema) => fc.Arbitrary<unknown>,
    required: string[] = [],
  ) {
    const fields = Object.fromEntries(parts.map(([name, part]) => [name, below(part)]))
    const whole = fc.record(fields, { requiredKeys: required })
    const loose = fc.record(fields, { requiredKeys: [] })
    const extra = fc.tuple(whole, text, value).map(([object, name, given]) => ({ ...object, [name]: given }))
    return fc.oneof({ weight: 6, arbitrary: whole }, { weight: 2, arbitrary: loose }, { weight: 1, arbitrary: extra })
  }

  return { value, text, id, body: (schema, schemas) => like(schema, schemas) }
}

function nested(levels: number): unknown {
  let value: unknown = 'deep'
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}
