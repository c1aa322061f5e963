/**
 * Who may know of an occurrence and read it: the decisions of `occurrenceResource` (domain/meetings/open-meeting.ts) where a
 * statement has to make them. Of rows `o` of occurrence (null where there is none), `m` of meeting and `p` of participant.
 */

/** As its series, unless it says otherwise; of a meeting for its participants alone, none is open to others. */
export const visibilityOf = (o: string) =>
  `CASE m.visibility WHEN 'participants' THEN m.visibility ELSE coalesce(${o}.override->>'visibility', m.visibility) END`

/** Whether that participant is invited to it. */
export const isInvited = (o: string, p: string) => `
  CASE WHEN ${o}.override ? 'participants' THEN ${o}.override->'participants' @> jsonb_build_array(jsonb_build_object('id', ${p}.id))
       ELSE ${p}.in_series END`
