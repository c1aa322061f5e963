import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../domain/identity/actor.ts'
import { refuse } from '../domain/refusals.ts'
import { err, ok } from '../domain/result.ts'
import type { RoomStateView } from '../domain/rooms/room-state.ts'
import type { AvailabilityDesk } from './availability/desk.ts'
import { answerCommand } from './commands.ts'
import type { Connection } from './connection.ts'
import type { Newsroom } from './newsroom.ts'
import type { HoldCommands, RoomCommands } from './deps.ts'

const ROOM = '01a207a2-3280-7033-ae49-0d991eec0b8d'
const state = { roomId: ROOM, status: 'checked_in' } as RoomStateView

async function say(name: string, payload: object, rooms: Partial<RoomCommands>) {
  const actor: Actor = {
    organizationId: 'o',
    userId: 'u',
    role: 'panel',
    roomId: ROOM,
    sessionId: 's',
    requestId: 'socket',
  }
  const connection = { id: 'c', actor, isClosing: false, admits: () => true } as unknown as Connection
  let answer: object | undefined
  await answerCommand({
    deps: {
      ...{ newId: () => 'request', log: pino({ enabled: false }) },
      ...{ rooms: rooms as RoomCommands, holds: {} as HoldCommands, availability: {} as AvailabilityDesk },
    },
    newsroom: {} as Newsroom,
    connection,
    name,
    args: [payload, (given: object) => (answer = given)],
  })
  return answer
}

describe('what people in front of a room say over the socket', () => {
  test('each command reaches the domain as its actor and is acked with the room as it is then', async () => {
    for (const [name, key, extra] of [
      ['room.checkIn', 'checkIn', {}],
      ['room.extend', 'extend', { minutes: 15 }],
      ['room.end', 'end', {}],
      ['room.release', 'release', { reason: 'moved' }],
      ['room.keep', 'keep', {}],
    ] as const) {
      const heard: unknown[] = []
      const command = async (actor: Actor, cmd: object) => {
        heard.push(actor.userId, actor.requestId, cmd)
        return ok(state)
      }
      const payload = { roomId: ROOM, ...extra }
      expect(await say(name, payload, { [key]: command }), name).toEqual({ ok: true, state })
      expect(heard).toEqual(['u', 'request', payload])
    }
  })

  test('a walk-up is acked with its meeting as well', async () => {
    const walkUp = async () => ok({ meetingId: 'm', state })
    expect(await say('room.walkUp', { roomId: ROOM, minutes: 30 }, { walkUp })).toEqual({
      ok: true,
      meetingId: 'm',
      state,
    })
  })

  test('a refusal and a payload of another shape are acked as problems', async () => {
    const checkIn = async () => err(refuse('illegal_transition', 'The meeting is over.'))
    const refused = await say('room.checkIn', { roomId: ROOM }, { checkIn })
    expect(refused).toMatchObject({
      ok: false,
      problem: { code: 'illegal_transition', detail: 'The meeting is over.' },
    })
    for (const payload of [{}, { roomId: 'x' }, { roomId: ROOM, more: 1 }]) {
      expect(await say('room.checkIn', payload, { checkIn })).toMatchObject({
        ok: false,
        problem: { code: 'invalid_input' },
      })
    }
  })
})
