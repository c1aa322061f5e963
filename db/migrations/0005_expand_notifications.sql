-- Who works on what is due, what was told to whom, and what is let go with time.

ALTER TABLE due
  -- Of the one who is at it: a fresh id for every claim, so that who was replaced meanwhile can change nothing any more.
  ADD COLUMN claimed_by uuid,
  -- Rows of an organisation that is gone find nothing to do and go. The reference made every writer of due work lock the
  -- same row of its organisation.
  DROP CONSTRAINT due_organization_id_fkey;
DROP INDEX due_next;
CREATE INDEX due_kind ON due (kind, due_at) WHERE dead_at IS NULL;
-- With a long backlog each organisation has its turn.
CREATE INDEX due_fair ON due (kind, organization_id, due_at) WHERE dead_at IS NULL;
CREATE INDEX due_dead ON due (organization_id, dead_at) WHERE dead_at IS NOT NULL;
-- What news makes due is put for all organisations in one statement.
GRANT INSERT, DELETE ON due TO convoke_relay;

-- What a person is told, once per event and channel. The row is written with the event's consequences; handing it in
-- comes later.
CREATE TABLE message (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  event_key text NOT NULL,
  -- A user's id, or the e-mail address of a guest.
  recipient text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'inbox')),
  kind text NOT NULL CHECK (kind IN ('invitation', 'change', 'cancellation', 'reminder', 'conflict')),
  meeting_id uuid NOT NULL,
  -- { occurrences: [{ recurrenceId, start, end, was? }], more } (domain/notifications/message.ts)
  content jsonb NOT NULL,
  -- `sending` is committed before it is handed in; found so again, nobody knows whether it arrived: `unknown`.
  -- `dropped`: no longer true when its turn came.
  status text NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'dropped')),
  created_at timestamptz NOT NULL,
  handed_at timestamptz,
  last_error text,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, event_key, recipient, channel)
);
CREATE INDEX message_handed ON message (organization_id, recipient, handed_at) WHERE handed_at IS NOT NULL;
CREATE INDEX message_created ON message (organization_id, created_at, id);

-- What the people of a meeting were last told of it: a change is told as the difference.
CREATE TABLE announcement (
  organization_id uuid NOT NULL,
  meeting_id uuid NOT NULL,
  announced_at timestamptz NOT NULL,
  -- { roomIds, recipients, declined, occurrences, until } (domain/notifications/announce.ts)
  told jsonb NOT NULL,
  PRIMARY KEY (organization_id, meeting_id),
  FOREIGN KEY (organization_id, meeting_id) REFERENCES meeting ON DELETE CASCADE
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['message', 'announcement'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO convoke_app USING (organization_id = (SELECT current_organization()))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON message, announcement TO convoke_app;

-- Drops the months of the log or the audit that ended `keep_days` ago and hold nothing undelivered; answers how many. Who
-- asks owns nothing, so the least it may ask for is fixed here.
CREATE FUNCTION drop_old_partitions(parent text, keep_days integer, at timestamptz) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET lock_timeout = '1s' AS $$
DECLARE
  month record;
  is_needed boolean;
  dropped integer := 0;
BEGIN
  IF parent NOT IN ('outbox', 'audit') OR keep_days < 7 THEN
    RAISE EXCEPTION 'the log and the audit are kept for a week at least';
  END IF;
  FOR month IN
    SELECT c.relname AS name, (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' AS ended_at
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = parent::regclass AND c.relname ~ ('^' || parent || '_\d{4}_\d{2}$')
  LOOP
    CONTINUE WHEN month.ended_at > least(at, now()) - make_interval(days => keep_days);
    is_needed := false;
    IF parent = 'outbox' THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE position IS NULL)', month.name) INTO is_needed;
    END IF;
    CONTINUE WHEN is_needed;
    EXECUTE format('DROP TABLE %I', month.name);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION drop_old_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_old_partitions TO convoke_relay;
