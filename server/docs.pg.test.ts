import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REFUSALS } from '../domain/refusals.ts'
import { type TestApi, openTestApi } from '../testkit/api.ts'
import { createApi } from './api.ts'
import type { OpenApi } from './openapi.ts'
import { authRoutes } from './rest/auth.ts'
import { meetingsRoutes } from './rest/meetings.ts'
import { placesRoutes } from './rest/places.ts'
import { roomBookingsRoutes } from './rest/room-bookings.ts'
import { roomsRoutes } from './rest/rooms.ts'
import { usersRoutes } from './rest/users.ts'

let office: TestApi
let app: ReturnType<typeof createApi>
let api: OpenApi
beforeAll(async () => {
  office = await openTestApi(() => [])
  const deps = { ...office.deps, metrics: new Registry() }
  app = createApi(deps, [
    ...[...authRoutes(deps), ...usersRoutes(deps), ...roomBookingsRoutes(deps), ...roomsRoutes(deps)],
    ...[...placesRoutes(deps), ...meetingsRoutes(deps)],
  ])
  api = (await (await app.request('/openapi.json')).json()) as OpenApi
})
afterAll(() => office[Symbol.asyncDispose]())

async function page(path: string): Promise<{ type: string | null; html: string }> {
  const answer = await app.request(path)
  expect(answer.status).toBe(200)
  return { type: answer.headers.get('content-type'), html: await answer.text() }
}

describe('GET /openapi.json', () => {
  test('describes every operation that is there, and answers without a token', () => {
    const described = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    for (const operation of [
      'post /meetings',
      'get /meetings/{id}',
      'put /meetings/{id}',
      'get /rooms/available',
      'post /rooms/{id}/book',
      'post /auth/login',
    ]) {
      expect(described).toContain(operation)
    }
    const ids = Object.values(api.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation.operationId),
    )
    expect(new Set(ids).size).toBe(described.length)
    expect(api.paths['/auth/login']?.['post']?.security).toEqual([])
    expect(api.paths['/meetings']?.['post']?.security).toBeUndefined()
  })

  test('says what a body takes: the names, the needed ones, the bounds, and nothing else', () => {
    const schema = api.paths['/meetings']?.['post']?.requestBody?.content['application/json'].schema
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: { title: { type: 'string', minLength: 1, maxLength: 500 } },
    })
    expect(schema?.required?.toSorted()).toEqual(['endTime', 'startTime', 'timezone', 'title'])
    expect(schema?.properties?.['visibility']?.enum).toEqual(['organization', 'participants', 'busy_only'])
    expect(schema?.properties?.['startTime']?.anyOf).toHaveLength(2)
    const query = api.paths['/rooms/available']?.['get']?.parameters.filter((parameter) => parameter.in === 'query')
    expect(query?.map(({ name, required }) => [name, required])).toEqual([
      ['startTime', true],
      ['endTime', true],
      ['capacity', false],
      ['equipment', false],
      ['floorId', false],
    ])
    expect(api.paths['/meetings/{id}']?.['get']?.parameters[0]).toMatchObject({
      name: 'id',
      in: 'path',
      required: true,
    })
  })

  test('refers to nothing that is not in it', () => {
    const refs = [...JSON.stringify(api).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] as string)
    expect(refs.length).toBeGreaterThan(10)
    for (const ref of refs) {
      const target = ref
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], api)
      expect(target, ref).toBeDefined()
    }
  })
})

describe('for people', () => {
  test('/docs shows every operation and loads nothing from elsewhere', async () => {
    const { type, html } = await page('/docs')
    expect(type).toBe('text/html; charset=utf-8')
    for (const path of Object.keys(api.paths)) expect(html).toContain(`<code>${path}</code>`)
    expect(html).not.toMatch(/<script|<style|style=|https?:/)
    expect((await page('/docs/docs.css')).type).toBe('text/css; charset=utf-8')
  })

  test('the type of a problem leads to its line', async () => {
    const { html } = await page('/docs/problems')
    for (const code of Object.keys(REFUSALS)) expect(html).toContain(`<tr id="${code}">`)
    const { type } = (await (await app.request('/meetings')).json()) as { type: string }
    const [path, anchor] = type.split('#')
    expect((await page(path as string)).html).toContain(`id="${anchor}"`)
  })
})
