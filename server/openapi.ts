import { z } from 'zod'
import { REFUSALS } from '../domain/refusals.ts'
import type { Route } from './rest/route.ts'

/** As far as the documents made here go. */
export interface OpenApi {
  openapi: string
  info: { title: string; version: string; description: string }
  security: object[]
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: object; schemas: Record<string, JsonSchema>; responses: object }
}

export interface Operation {
  operationId: string
  summary: string
  tags: string[]
  security?: object[]
  parameters: Parameter[]
  requestBody?: { required: boolean; content: { 'application/json': { schema: JsonSchema } } }
  responses: Record<string, object>
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: JsonSchema
}

/** The keywords that are looked at here; others ride along. */
export interface JsonSchema {
  type?: string
  format?: string
  description?: string
  maxLength?: number
  const?: unknown
  enum?: unknown[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  $ref?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
}

/** As zod gives one out: a document of its own. */
interface Embedded extends JsonSchema {
  $schema?: string
  $defs?: Record<string, JsonSchema>
}

/** The HTTP contract as OpenAPI 3.1, from the very schemas that parse requests. */
export function openApi(routes: readonly Route[]): OpenApi {
  const schemas: Record<string, JsonSchema> = { Problem: PROBLEM }
  const paths: OpenApi['paths'] = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Convoke', version: '1', description: INTRODUCTION },
    security: [{ accessToken: [] }],
    paths,
    components: {
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas,
      responses: {
        Refused: {
          description: 'Nothing happened; `code` says why.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

const INTRODUCTION =
  'Meetings that cannot collide. Every answer outside 2xx is an application/problem+json with a stable `code`, and means that nothing happened.'

function operation(route: Route, schemas: Record<string, JsonSchema>): Operation {
  const name = `${route.method.toLowerCase()}${route.path.replaceAll(/[^a-z]+(\w)/gi, (_, first: string) => first.toUpperCase())}`
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => hoisted(z.toJSONSchema(schema, { io }), name, schemas)
  const parameters = [
    ...parametersOf('path', route.params && schemaOf(route.params, 'input')),
    ...parametersOf('query', route.query && schemaOf(route.query, 'input')),
    ...headersOf(route),
  ]
  const body = route.body && schemaOf(route.body, 'input')
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split('/')[1] ?? ''],
    ...(route.public && { security: [] }),
    parameters,
    ...(body && {
      requestBody: {
        required: (body.required ?? []).length > 0,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: {
      ...(route.answers
        ? {
            '2XX': {
              description: 'Done.',
              content: { [route.media ?? 'application/json']: { schema: schemaOf(route.answers, 'output') } },
            },
          }
        : { '204': { description: 'Done.' } }),
      default: { $ref: '#/components/responses/Refused' },
    },
  }
}

function parametersOf(place: 'path' | 'query', schema: JsonSchema | undefined): Parameter[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: schema?.required?.includes(name) ?? false,
    schema: property,
  }))
}

function headersOf({ method, path, answers, public: isPublic }: Route): Parameter[] {
  const header = (name: string, description: string): Parameter => {
    return { name, in: 'header', required: false, description, schema: { type: 'string' } }
  }
  const isOfSession = path.startsWith('/auth/')
  const forAnother = isOfSession || isPublic ? [] : [header('On-Behalf-Of', ON_BEHALF_OF)]
  if (method === 'GET') {
    const known = answers ? [header('If-None-Match', 'The ETag of what you have: 304 while it is current.')] : []
    return [...forAnother, ...known]
  }
  if (isOfSession) return []
  return [
    ...forAnother,
    header(
      'Idempotency-Key',
      'A repeat with the same key and request has no second effect and gets the same answer, for 24 h.',
    ),
    header('If-Match', 'The ETag you read: 412 when the entity has changed since.'),
  ]
}

const ON_BEHALF_OF =
  'The id of who made you his delegate: you act in his name, with the lower of both roles, and the record names both.'

/** A schema that refers to itself brings `$defs`; inside this document they live among the components. */
function hoisted(schema: object, name: string, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _, $defs = {}, ...rest } = schema as Embedded
  const rename = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', `"#/components/schemas/${name}`))
  for (const [key, definition] of Object.entries($defs)) schemas[`${name}${key}`] = rename(definition) as JsonSchema
  return rename(rest) as JsonSchema
}

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'RFC 9457. More members may come.',
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(REFUSALS) },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['detail'],
        properties: { pointer: { type: 'string' }, part: { type: 'string' }, detail: { type: 'string' } },
      },
    },
    conflicts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['resourceId', 'start', 'end', 'kind'],
        properties: {
          resourceId: { type: 'string', format: 'uuid' },
          recurrenceId: { type: 'string' },
          start: { type: 'string', format: 'date-time' },
          end: { type: 'string', format: 'date-time' },
          kind: { type: 'string', enum: ['booking', 'hold', 'blackout', 'rule', 'external'] },
        },
      },
    },
    suggestions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['start', 'end', 'roomIds', 'score', 'reasons'],
        properties: {
          start: { type: 'string', format: 'date-time' },
          end: { type: 'string', format: 'date-time' },
          roomIds: { type: 'array', items: { type: 'string', format: 'uuid' } },
          score: { type: 'number' },
          reasons: { type: 'array', items: { type: 'string' } },
        },
      },
    },
    current: { description: 'With `stale`: the entity as it is.' },
    requestId: { type: 'string', format: 'uuid' },
  },
}
