import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Actor, Role } from '../domain/identity/actor.ts'
import { instant } from '../domain/time/instant.ts'
import { openTestDatabase } from '../testkit/database.ts'
import type { TopicSource } from './news-deps.ts'
import { TopicReads } from './topic-reads.ts'

test('those who ask the same in one batch share an answer only if they have the same rights', async () => {
  await using database = await openTestDatabase()
  const [organizationId, roomId] = [randomUUID(), randomUUID()]
  let asked = 0
  const mayOwn: TopicSource = async (_tx, actor, id) => {
    asked += 1
    return actor.role !== 'panel' || actor.roomId === id ? { id } : undefined
  }
  const sources = {
    ...{ room: mayOwn, person: mayOwn, meeting: mayOwn, holds: mayOwn, floor: mayOwn, dashboard: mayOwn },
  }
  const fail = (error: unknown) => expect.unreachable(String(error))
  const reads = new TopicReads({ pool: database.app, sources, now: () => instant(Date.now()), onError: fail })
  const ask = (role: Role, besides?: string) => {
    const actor: Actor = { organizationId, userId: randomUUID(), role, sessionId: 's', requestId: 'r', roomId: besides }
    return reads.read(actor, `room:${roomId}`)
  }
  const answers = await Promise.all([
    ask('panel', roomId),
    ask('panel', randomUUID()),
    ask('panel'),
    ask('member'),
    ask('member'),
  ])
  expect(answers.map((answer) => (answer.ok ? 'seen' : answer.error.code))).toEqual([
    'seen',
    'not_found',
    'not_found',
    'seen',
    'seen',
  ])
  expect(asked).toBe(4)
})
