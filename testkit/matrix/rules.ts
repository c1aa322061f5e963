import { grid, renamed, withPanels } from './grid.ts'

/**
 * Who may do what, said once more by hand and not by the code that decides it. A relation is that of the principal to the thing:
 * `own` (made by him, for participants only), `attends` (the host's, for participants only, and he is one of them), `open`,
 * `busy`, `private` (the host's, by visibility), `foreign` (of the other organisation), `guessed` (of nobody).
 */

export const MEETING_SEEN = grid(`
  own attends open busy private foreign guessed
  owner,admin                 see see see bare bare 404 404
  room_manager,member,auditor see see see bare 404  404 404
  guest                       see see 404 404  404  404 404
  stranger                    .   .   404 404  404  see 404
`)

/** Where a list is asked for by its people: who may not read a meeting is not told whose it is. */
export const MEETING_FOUND_BY_HOST = grid(`
  attends open busy private foreign
  owner,admin,room_manager,member,auditor see see 404 404 404
  guest                                   see 404 404 404 404
  stranger                                404 404 404 404 404
`)

/** What stands in one's own calendar. */
export const MEETING_IN_OWN_CALENDAR = grid(`
  own attends open busy private foreign
  owner,admin,room_manager,member,auditor,guest see see 404 404 404 404
  stranger                                      .   .   404 404 404 see
`)

/** Its live topic and its document hold its content: who may not read that gets nothing. */
export const MEETING_READ = grid(
  `
  own attends open busy private foreign guessed
  owner,admin,room_manager,member,auditor see see see 404 404 404 404
  guest                                   see see 404 404 404 404 404
  stranger                                .   .   404 404 404 see 404
`,
  { panels: '404' },
)
export const MEETING_FOLLOWED = withPanels(MEETING_READ, '403')

export const DOCUMENT_WRITTEN = grid(
  `
  own attends open busy private foreign guessed
  owner,admin                 ok  ok  ok   404 404 404 404
  room_manager,member,auditor ok  ok  read 404 404 404 404
  guest                       ok  ok  404  404 404 404 404
  stranger                    .   .   404  404 404 ok  404
`,
  { panels: '404' },
)

export const MEETING_CHANGED = grid(`
  own attends open busy private foreign guessed
  owner,admin                 ok 403 ok  403 403 404 404
  room_manager,member,auditor ok 403 403 403 404 404 404
  guest                       ok 403 404 404 404 404 404
  stranger                    .  .   404 404 404 ok  404
`)

export const MEETING_CANCELLED = grid(`
  own attends open busy private foreign guessed
  owner,admin                 ok ok  ok  ok  ok  404 404
  room_manager,member,auditor ok 403 403 403 404 404 404
  guest                       ok 403 404 404 404 404 404
  stranger                    .  .   404 404 404 ok  404
`)

/** Any command of who works here. */
export const WORKED = grid(`
  any
  owner,admin,room_manager,member,stranger ok
  auditor,guest                            403
`)
export const MANAGED = grid(`
  any
  owner,admin,stranger                   ok
  room_manager,member,auditor,guest      403
`)
export const ROOMS_MANAGED = grid(`
  any
  owner,admin,room_manager,stranger ok
  member,auditor,guest              403
`)
export const AUDITED = grid(`
  any
  owner,admin,auditor,stranger ok
  room_manager,member,guest    403
`)
export const ANY_PERSON = grid(`
  any
  owner,admin,room_manager,member,auditor,guest,stranger ok
`)
export const ANYBODY_SIGNED_IN = withPanels(ANY_PERSON, 'ok')
export const EVERYBODY = grid(`
  any
  owner,admin,room_manager,member,auditor,guest,panel,otherPanel,stranger,anonymous,expired,revoked ok
`)

/** Rooms in a request: what is not of this organisation is as unknown as what is nowhere. `beside`: the panel's, `elsewhere`: the other panel's. */
export const ROOM_NAMED_BY_WORKER = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager,member ok  ok  unknown_reference unknown_reference
  auditor,guest                   403 403 403 403
  stranger                        unknown_reference unknown_reference ok unknown_reference
`)
export const ROOM_NAMED_BY_MANAGER = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager ok  ok  unknown_reference unknown_reference
  member,auditor,guest     403 403 403 403
  stranger                 unknown_reference unknown_reference ok unknown_reference
`)
export const ROOM_NAMED_BY_PERSON = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager,member,auditor,guest ok ok unknown_reference unknown_reference
  stranger                                      unknown_reference unknown_reference ok unknown_reference
`)

export const ROOM_SEEN = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager,member,auditor,guest see see 404 404
  panel                                         see 404 404 404
  otherPanel                                    404 see 404 404
  stranger                                      404 404 see 404
`)
export const ROOM_SEEN_BY_PEOPLE = withPanels(ROOM_SEEN, '403')
export const ROOM_CHANGED = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager ok  ok  404 404
  member,auditor,guest     403 403 404 404
  stranger                 404 404 ok  404
`)
export const ROOM_BOOKED = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager,member ok  ok  404 404
  auditor,guest                   403 403 404 404
  stranger                        404 404 ok  404
`)
export const ROOM_WALKED_INTO = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager,member ok  ok  404 404
  auditor,guest                   403 403 404 404
  panel                           ok  404 404 404
  otherPanel                      404 ok  404 404
  stranger                        404 404 ok  404
`)
export const ROOM_SENSED = grid(`
  beside elsewhere foreign guessed
  owner,admin,room_manager ok  ok  404 404
  member,auditor,guest     403 403 403 403
  panel                    ok  404 404 404
  otherPanel               404 ok  404 404
  stranger                 404 404 ok  404
`)

/** What is booked in a room: titles for who may read the meeting. `beside` is open to the organisation, `elsewhere` private. */
export const BOOKING_SEEN = grid(`
  own attends beside elsewhere foreign guessed
  owner,admin,room_manager,member,auditor see see see  bare 404 404
  guest                                   see see bare bare 404 404
  panel                                   .   .   see  404  404 404
  otherPanel                              .   .   404  bare 404 404
  stranger                                .   .   404  404  see 404
`)
export const BOOKING_SEEN_BY_PEOPLE = withPanels(BOOKING_SEEN, '403')
/** Live, a room says no title to anybody. */
export const BOOKING_WATCHED = renamed(BOOKING_SEEN, 'see', 'bare')
export const BOOKING_WATCHED_BY_PEOPLE = withPanels(BOOKING_WATCHED, '403')

/** Checking in, extending, ending, keeping: who has booked, who is invited, who manages rooms, and who passes by the panel. */
export const BOOKING_USED = grid(`
  own attends beside elsewhere foreign guessed
  owner,admin,room_manager ok ok ok  ok  404 404
  member,auditor,guest     ok ok 403 403 404 404
  panel                    .  .  ok  404 404 404
  otherPanel               .  .  404 ok  404 404
  stranger                 .  .  404 404 ok  404
`)
export const BOOKING_RELEASED = grid(`
  own attends beside elsewhere foreign guessed
  owner,admin,room_manager ok ok  ok  ok  404 404
  member,auditor,guest     ok 403 403 403 404 404
  panel                    .  .   403 404 404 404
  otherPanel               .  .   404 403 404 404
  stranger                 .  .   404 404 ok  404
`)
export const BOOKING_USED_BY_PEOPLE = withPanels(BOOKING_USED, '403')
export const BOOKING_RELEASED_BY_PEOPLE = withPanels(BOOKING_RELEASED, '403')

export const USER_SEEN = grid(`
  own colleague foreign guessed
  owner,admin,room_manager,member,auditor see see 404 404
  guest                                   see 404 404 404
  stranger                                .   404 see 404
`)
export const USER_CHANGED = grid(`
  own colleague foreign guessed
  owner,admin                 ok ok  404 404
  room_manager,member,auditor ok 403 404 404
  guest                       ok 404 404 404
  stranger                    .  404 ok  404
`)
/** Making somebody an owner; an owner is one already. */
export const USER_MADE_OWNER = grid(`
  own colleague foreign guessed
  owner                             ok  ok  404 404
  admin,room_manager,member,auditor 403 403 404 404
  guest                             403 404 404 404
  stranger                          .   404 ok  404
`)
export const USER_INVITED = grid(`
  own colleague foreign guessed
  owner,admin,room_manager,member ok ok unknown_reference unknown_reference
  auditor,guest                   403 403 403 403
  stranger                        .  unknown_reference ok unknown_reference
`)

/** Sessions, connected calendars, secret addresses, agendas: one's own and nobody else's, whoever one is. */
export const OWN_SEEN = grid(`
  own colleague foreign guessed
  owner,admin,room_manager,member,auditor,guest see 404 404 404
  stranger                                      .   404 see 404
`)
export const OWN_CHANGED = renamed(OWN_SEEN, 'see', 'ok')
export const OWN_WATCHED = withPanels(OWN_SEEN, '404')
/** A hold is its owner's, as long as he may hold at all. */
export const HOLD_OWNED = grid(`
  own colleague foreign guessed
  owner,admin,room_manager,member ok  404 404 404
  auditor,guest                   403 404 404 404
  stranger                        .   404 ok  404
`)
/** What holds a person is seen by whoever may know of people. */
export const HOLDS_OF_PERSON_WATCHED = grid(
  `
  own colleague foreign guessed
  owner,admin,room_manager,member,auditor see see 404 404
  guest                                   404 404 404 404
  stranger                                .   404 see 404
`,
  { panels: '404' },
)
/** What people were told: one's own, and all of it for who looks after the organisation. */
export const TOLD = grid(`
  own colleague foreign
  owner,admin,auditor       see see 404
  room_manager,member,guest see 404 404
  stranger                  .   404 see
`)

export const DEVICE_SEEN = grid(`
  ours foreign
  owner,admin,room_manager see 404
  member,auditor,guest     403 403
  stranger                 404 see
`)
export const DEVICE_REVOKED = grid(`
  ours foreign guessed
  owner,admin,room_manager ok  404 404
  member,auditor,guest     403 403 403
  stranger                 404 ok  404
`)
export const AUDIT_SEEN = grid(`
  ours foreign
  owner,admin,auditor       see 404
  room_manager,member,guest 403 403
  stranger                  404 see
`)
export const JOB_RETRIED = grid(`
  ours foreign guessed
  owner,admin                       ok  404 404
  room_manager,member,auditor,guest 403 403 403
  stranger                          404 ok  404
`)
export const FLOOR_SEEN = grid(`
  ours foreign guessed
  owner,admin,room_manager,member,auditor see 404 404
  guest                                   404 404 404
  stranger                                404 see 404
`)
export const FLOOR_WATCHED = withPanels(FLOOR_SEEN, '404')
export const PLACE_LISTED = grid(`
  ours foreign
  owner,admin,room_manager,member,auditor,guest see 404
  stranger                                      404 see
`)

/** Who holds a secret address needs no session; what is not for the whole organisation is not in it. */
export const FEED_READ = grid(`
  open busy private foreign guessed
  owner,admin,room_manager,member,auditor,guest,panel,otherPanel,stranger,anonymous,expired,revoked see bare bare see 404
`)

/** What is not there is not there for anybody, and only those with a session are told so. */
export const NOTHING_THERE = withPanels(renamed(ANY_PERSON, 'ok', '404'), '404')
export const NO_SUCH_METHOD = withPanels(renamed(ANY_PERSON, 'ok', 'method_not_allowed'), 'method_not_allowed')
