-- Work that time brings. A row is the truth about when something is due; queues and timers are wake-ups.

CREATE TABLE due (
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  -- A kind of job (jobs/), and what it is about: a room's id, a meeting's id, …
  kind text NOT NULL,
  subject text NOT NULL,
  due_at timestamptz NOT NULL,
  -- Counts every time it was put: a run that began before may not take the row away.
  revision bigint NOT NULL DEFAULT 1,
  -- Failed runs since it last went well.
  attempts integer NOT NULL DEFAULT 0,
  -- Somebody is at it until then, or has died.
  claimed_until timestamptz,
  last_error text,
  -- Given up: it waits for a person (GET /jobs/dead).
  dead_at timestamptz,
  PRIMARY KEY (organization_id, kind, subject)
);
CREATE INDEX due_next ON due (due_at) WHERE dead_at IS NULL;

-- How far each consumer of the log has read each shard.
CREATE TABLE log_consumer (
  name text NOT NULL,
  shard smallint NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (name, shard)
);

ALTER TABLE due ENABLE ROW LEVEL SECURITY;
ALTER TABLE due FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON due TO convoke_app USING (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON due TO convoke_app;
-- Who looks for work sees when and whose, in all organisations; the work is done inside one.
CREATE POLICY relay ON due TO convoke_relay USING (true);
GRANT SELECT, UPDATE ON due TO convoke_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON log_consumer TO convoke_relay;
