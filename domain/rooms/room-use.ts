import { type Refusal, type RefusalCode, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'

/** What becomes of one booking of one room. */
export const ROOM_USE_STATES = [
  'upcoming',
  /** Its check-in is open, or it has begun where none is asked; nobody is known to be there. */
  'check_in_open',
  /** It was said that the room is about to be released. */
  'warned',
  /** Somebody said: keep it. Nothing releases it any more. */
  'kept',
  /** The sensor sees somebody, nobody has checked in. */
  'occupied',
  'checked_in',
  /** Checked in, and the sensor sees nobody any more. */
  'empty',
  /** Empty for long: it was asked whether it is over. */
  'asked',
  /** It is over, and somebody is still inside. */
  'overrun',
  'released',
  'ended',
  /** Its meeting was cancelled or has left the room. */
  'gone',
] as const
export type RoomUseState = (typeof ROOM_USE_STATES)[number]

/** What can happen to it. `…_due` and `opens` come from the clock, `occupied` and `vacated` from a sensor, the rest from people. */
export const ROOM_USE_EVENTS = [
  'check_in',
  'extend',
  'end',
  'release',
  /** The veto. */
  'keep',
  /** Somebody wants the room for himself while this booking has it. */
  'walk_up',
  'opens',
  'warn_due',
  'no_show_due',
  'empty_due',
  /** Its time is over and nobody is seen inside, or somebody else's begins. */
  'end_due',
  /** Its time is over and somebody is seen inside. */
  'overstay',
  'occupied',
  'vacated',
  /** Of the meeting. */
  'cancel',
  'move',
] as const
export type RoomUseEvent = (typeof ROOM_USE_EVENTS)[number]

export type Outcome = { to: RoomUseState } | { no: string; code: RefusalCode }

const to = (state: RoomUseState): Outcome => ({ to: state })
const no = (sentence: string): Outcome => ({ no: sentence, code: 'illegal_transition' })
const taken = (sentence: string): Outcome => ({ no: sentence, code: 'slot_conflict' })

const NOT_OPEN = no('Check-in is not open yet.')
const NOT_BEGUN = no('It has not begun. Release it instead.')
const NOT_TO_EXTEND = no('It has not begun.')
const NOTHING_TO_KEEP = no('Nobody is about to release the room.')
const KEPT_BEFORE = no('It was kept once before.')
const INSIDE = no('Somebody is inside. End the meeting instead.')
const CHECKED_IN = no('Somebody has checked in. End the meeting instead.')
const IS_KEPT = no('Somebody asked to keep the room. End the meeting instead.')
const OVER = no('The meeting is over.')
const GIVEN_BACK = no('The room was given back. Book it anew.')
const NO_BOOKING = no('That meeting is not in this room any more.')
const NOT_DUE = no('That is not due.')
const RESERVED = taken('The room is reserved for a meeting.')
const IN_USE = taken('The room is in use.')

/**
 * The whole life of a booking in a room. Two rules can be read off its columns: nothing leads to `released` from a state in
 * which somebody is there or has been there (promise 12), and nothing leads out of `released`.
 */
export const ROOM_USE: Record<RoomUseState, Record<RoomUseEvent, Outcome>> = {
  upcoming: {
    ...clock({ opens: to('check_in_open'), end_due: to('ended'), overstay: to('ended') }),
    ...people({ check_in: NOT_OPEN, extend: NOT_TO_EXTEND, end: NOT_BEGUN, release: to('released') }),
    ...{ keep: NOTHING_TO_KEEP, walk_up: to('upcoming'), ...sensor('upcoming', 'upcoming'), ...meeting('upcoming') },
  },
  check_in_open: {
    ...clock({ opens: to('check_in_open'), warn_due: to('warned'), end_due: to('ended'), overstay: to('overrun') }),
    ...people({ check_in: to('checked_in'), extend: to('checked_in'), end: to('ended'), release: to('released') }),
    ...{ keep: NOTHING_TO_KEEP, walk_up: RESERVED, ...sensor('occupied', 'check_in_open'), ...meeting('upcoming') },
  },
  warned: {
    ...clock({
      opens: to('warned'),
      warn_due: to('warned'),
      no_show_due: to('released'),
      end_due: to('ended'),
      overstay: to('overrun'),
    }),
    ...people({ check_in: to('checked_in'), extend: to('checked_in'), end: to('ended'), release: to('released') }),
    ...{ keep: to('kept'), walk_up: RESERVED, ...sensor('occupied', 'warned'), ...meeting('upcoming') },
  },
  kept: {
    ...clock({ opens: to('kept'), end_due: to('ended'), overstay: to('overrun') }),
    ...people({ check_in: to('checked_in'), extend: to('checked_in'), end: to('ended'), release: IS_KEPT }),
    ...{ keep: KEPT_BEFORE, walk_up: RESERVED, ...sensor('kept', 'kept'), ...meeting('upcoming') },
  },
  occupied: {
    ...clock({ opens: to('occupied'), end_due: to('ended'), overstay: to('overrun') }),
    ...people({ check_in: to('checked_in'), extend: to('checked_in'), end: to('ended'), release: INSIDE }),
    ...{ keep: NOTHING_TO_KEEP, walk_up: IN_USE, ...sensor('occupied', 'check_in_open'), ...meeting('upcoming') },
  },
  checked_in: {
    ...clock({ opens: to('checked_in'), end_due: to('ended'), overstay: to('overrun') }),
    ...people({ check_in: to('checked_in'), extend: to('checked_in'), end: to('ended'), release: CHECKED_IN }),
    ...{ keep: NOTHING_TO_KEEP, walk_up: IN_USE, ...sensor('checked_in', 'empty'), ...meeting('upcoming') },
  },
  empty: {
    ...clock({ opens: to('empty'), warn_due: to('asked'), end_due: to('ended'), overstay: to('overrun') }),
    ...people({ check_in: to('checked_in'), extend: to('checked_in'), end: to('ended'), release: CHECKED_IN }),
    ...{ keep: NOTHING_TO_KEEP, walk_up: IN_USE, ...sensor('checked_in', 'empty'), ...meeting('upcoming') },
  },
  asked: {
    ...clock({
      opens: to('asked'),
      warn_due: to('asked'),
      empty_due: to('ended'),
      end_due: to('ended'),
      overstay: to('overrun'),
    }),
    ...people({ check_in: to('checked_in'), extend: to('checked_in'), end: to('ended'), release: CHECKED_IN }),
    ...{ keep: to('checked_in'), walk_up: IN_USE, ...sensor('checked_in', 'asked'), ...meeting('upcoming') },
  },
  overrun: {
    ...clock({ end_due: to('ended'), overstay: to('overrun') }),
    ...people({ check_in: OVER, extend: to('checked_in'), end: to('ended'), release: OVER }),
    ...{ keep: OVER, walk_up: to('ended'), ...sensor('overrun', 'ended'), ...meeting('upcoming') },
  },
  released: {
    ...clock({ opens: to('released'), warn_due: to('released'), no_show_due: to('released'), end_due: to('released') }),
    ...people({ check_in: GIVEN_BACK, extend: GIVEN_BACK, end: GIVEN_BACK, release: to('released') }),
    ...{ keep: GIVEN_BACK, walk_up: to('released'), ...sensor('released', 'released') },
    ...{ cancel: to('released'), move: to('released') },
  },
  ended: {
    ...clock({ opens: to('ended'), warn_due: to('ended'), empty_due: to('ended'), end_due: to('ended') }),
    ...people({ check_in: OVER, extend: OVER, end: to('ended'), release: OVER }),
    ...{ keep: OVER, walk_up: to('ended'), ...sensor('ended', 'ended'), ...meeting('upcoming') },
  },
  gone: {
    ...clock({}),
    ...people({ check_in: NO_BOOKING, extend: NO_BOOKING, end: NO_BOOKING, release: NO_BOOKING }),
    ...{
      keep: NO_BOOKING,
      walk_up: to('gone'),
      ...sensor('gone', 'gone'),
      ...{ cancel: to('gone'), move: to('gone') },
    },
  },
}

/** What the event makes of it. `wasKept`: a veto counts once per booking, whatever happened in between. */
export function roomUseStep(
  state: RoomUseState,
  event: RoomUseEvent,
  { wasKept = false }: { wasKept?: boolean } = {},
): Result<RoomUseState, Refusal> {
  const outcome = event === 'keep' && wasKept && 'to' in ROOM_USE[state].keep ? KEPT_BEFORE : ROOM_USE[state][event]
  return 'to' in outcome ? ok(outcome.to) : err(refuse(outcome.code, outcome.no, { conflicts: [], suggestions: [] }))
}

type Of<E extends RoomUseEvent> = Record<E, Outcome>
/** What time brings. */
export type ClockEvent = 'opens' | 'warn_due' | 'no_show_due' | 'empty_due' | 'end_due' | 'overstay'

function clock(due: Partial<Of<ClockEvent>>): Of<ClockEvent> {
  const nothing = { opens: NOT_DUE, warn_due: NOT_DUE, no_show_due: NOT_DUE, empty_due: NOT_DUE }
  return { ...nothing, end_due: NOT_DUE, overstay: NOT_DUE, ...due }
}

function people(outcomes: Of<'check_in' | 'extend' | 'end' | 'release'>): typeof outcomes {
  return outcomes
}

function sensor(occupied: RoomUseState, vacated: RoomUseState): Of<'occupied' | 'vacated'> {
  return { occupied: to(occupied), vacated: to(vacated) }
}

/** Its people decide alone; a moved booking begins anew. */
function meeting(moved: RoomUseState): Of<'cancel' | 'move'> {
  return { cancel: to('gone'), move: to(moved) }
}
