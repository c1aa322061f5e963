import { describe, expect, test } from 'vitest'
import {
  ROOM_USE,
  ROOM_USE_EVENTS,
  ROOM_USE_STATES,
  type RoomUseEvent,
  type RoomUseState,
  roomUseStep,
} from './room-use.ts'

// Every cell, written down a second time: the state it leads to, or the refusal. `-`: not due; `x`: illegal_transition; `!`: slot_conflict.
const CELLS = `
                check_in   extend     end      release  keep       walk_up  opens         warn_due no_show_due empty_due end_due  overstay occupied   vacated       cancel move
upcoming        x          x          x        released x          upcoming check_in_open -        -           -         ended    ended    upcoming   upcoming      gone   upcoming
check_in_open   checked_in checked_in ended    released x          !        check_in_open warned   -           -         ended    overrun  occupied   check_in_open gone   upcoming
warned          checked_in checked_in ended    released kept       !        warned        warned   released    -         ended    overrun  occupied   warned        gone   upcoming
kept            checked_in checked_in ended    x        x          !        kept          -        -           -         ended    overrun  kept       kept          gone   upcoming
occupied        checked_in checked_in ended    x        x          !        occupied      -        -           -         ended    overrun  occupied   check_in_open gone   upcoming
checked_in      checked_in checked_in ended    x        x          !        checked_in    -        -           -         ended    overrun  checked_in empty         gone   upcoming
empty           checked_in checked_in ended    x        x          !        empty         asked    -           -         ended    overrun  checked_in empty         gone   upcoming
asked           checked_in checked_in ended    x        checked_in !        asked         asked    -           ended     ended    overrun  checked_in asked         gone   upcoming
overrun         x          checked_in ended    x        x          ended    -             -        -           -         ended    overrun  overrun    ended         gone   upcoming
released        x          x          x        released x          released released      released released    -         released -        released   released      released released
ended           x          x          ended    x        x          ended    ended         ended    -           ended     ended    -        ended      ended         gone   upcoming
gone            x          x          x        x        x          gone     -             -        -           -         -        -        gone       gone          gone   gone
`

const [header = [], ...rows] = CELLS.trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/))

describe('the life of a booking in a room', () => {
  test('the table above names every state and every event', () => {
    expect(header.toSorted()).toEqual(ROOM_USE_EVENTS.toSorted())
    expect(rows.map((row) => row[0])).toEqual([...ROOM_USE_STATES])
  })

  const cells = rows.flatMap(([state, ...outcomes]) =>
    outcomes.map((outcome, i) => [state as RoomUseState, header[i] as RoomUseEvent, outcome] as const),
  )
  test(`has ${ROOM_USE_STATES.length * ROOM_USE_EVENTS.length} cells`, () => {
    expect(cells).toHaveLength(ROOM_USE_STATES.length * ROOM_USE_EVENTS.length)
  })
  test.each(cells)('%s, %s: %s', (state, event, outcome) => {
    const step = roomUseStep(state, event)
    if (outcome === '!') expect(step).toMatchObject({ ok: false, error: { code: 'slot_conflict' } })
    else if (outcome === 'x' || outcome === '-') {
      expect(step).toMatchObject({ ok: false, error: { code: 'illegal_transition' } })
      if (outcome === '-')
        expect(step).toMatchObject({ error: { detail: expect.stringMatching(/not due|not in this room/) } })
    } else expect(step).toEqual({ ok: true, value: outcome })
  })

  test('promise 12: nothing leads to a release from where somebody is or has been', () => {
    for (const state of ['occupied', 'checked_in', 'empty', 'asked', 'overrun'] as const) {
      for (const event of ROOM_USE_EVENTS)
        expect(ROOM_USE[state][event], `${state}, ${event}`).not.toEqual({ to: 'released' })
    }
  })

  test('nothing leads out of a release', () => {
    for (const event of ROOM_USE_EVENTS) {
      const step = roomUseStep('released', event)
      if (step.ok) expect(step.value).toBe('released')
    }
  })

  test('a veto counts once, whatever happened in between', () => {
    for (const state of ['warned', 'asked'] as const) {
      expect(roomUseStep(state, 'keep', { wasKept: true })).toMatchObject({
        ok: false,
        error: { detail: /once before/ },
      })
    }
  })
})
