/** The statements of the port in `calendars-tx.ts`. Instants go in as epoch milliseconds; every array is a column. */

export const LOCK_OWNER = `
  SELECT
    (SELECT count(*) FROM calendar_integration i WHERE i.organization_id = $1 AND i.user_id = $2) AS integrations,
    (SELECT count(*) FROM calendar_feed f WHERE f.organization_id = $1 AND f.user_id = $2) AS feeds
  FROM users WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`

const STATE_COLUMNS = `last_attempt_at, last_success_at, next_attempt_at, fresh_as_of, not_before, failures, error, events, poison,
  etag, last_modified, content_hash, covered_until`

const STATE_VALUES = `to_timestamp($3::float8 / 1000), to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000),
  to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000), $8::integer, $9::jsonb, $10::integer, $11::jsonb,
  $12::text, $13::text, $14::text, to_timestamp($15::float8 / 1000)`

export const INSERT_INTEGRATION = `
  INSERT INTO calendar_integration (organization_id, id, ${STATE_COLUMNS}, user_id, provider, name, host, sealed_url, url_digest,
    created_at)
  VALUES ($1, $2, ${STATE_VALUES}, $16, $17, $18, $19, $20, $21, to_timestamp($22::float8 / 1000))`

export const UPDATE_INTEGRATION = `
  UPDATE calendar_integration SET (${STATE_COLUMNS}) = ROW (${STATE_VALUES}) WHERE organization_id = $1 AND id = $2`

export const LOCK_INTEGRATION = `SELECT * FROM calendar_integration WHERE organization_id = $1 AND id = $2 FOR UPDATE`

export const LOCK_INTEGRATIONS = `
  SELECT * FROM calendar_integration WHERE organization_id = $1 AND user_id = $2 ORDER BY id FOR UPDATE`

export const DELETE_INTEGRATION = `DELETE FROM calendar_integration WHERE organization_id = $1 AND id = $2`

export const EVENT_COLUMNS = `id, uid, recurrence_id, starts_at, ends_at, all_day, busy, status, summary`

export const EVENTS_OF = `SELECT ${EVENT_COLUMNS} FROM external_event WHERE organization_id = $1 AND integration_id = $2`

export const DELETE_EVENTS = `
  DELETE FROM external_event WHERE organization_id = $1 AND integration_id = $2 AND id = ANY ($3::uuid[])`

export const UPSERT_EVENTS = `
  INSERT INTO external_event (organization_id, integration_id, user_id, ${EVENT_COLUMNS})
  SELECT $1, $2, $3, e.id, e.uid, e.recurrence_id, to_timestamp(e.starts_at / 1000), to_timestamp(e.ends_at / 1000), e.all_day,
    e.busy, e.status, e.summary
  FROM unnest($4::uuid[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::boolean[], $10::boolean[], $11::text[], $12::text[])
    AS e (id, uid, recurrence_id, starts_at, ends_at, all_day, busy, status, summary)
  ON CONFLICT (organization_id, integration_id, id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    all_day = excluded.all_day, busy = excluded.busy, status = excluded.status, summary = excluded.summary`

export const KNOWN_MEETINGS = `SELECT id FROM meeting WHERE organization_id = $1 AND id = ANY ($2::uuid[])`

export const ROOM_EXISTS = `SELECT FROM room WHERE organization_id = $1 AND id = $2`

export const INSERT_FEED = `
  INSERT INTO calendar_feed (organization_id, id, user_id, kind, room_id, token_hash, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000))`

export const LOCK_FEED = `
  SELECT id, user_id, kind, room_id, created_at FROM calendar_feed WHERE organization_id = $1 AND id = $2 FOR UPDATE`

export const DELETE_FEED = `DELETE FROM calendar_feed WHERE organization_id = $1 AND id = $2`
