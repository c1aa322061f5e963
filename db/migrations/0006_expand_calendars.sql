-- Calendars elsewhere that people have connected, what was read of them, and secret addresses under which ours are read.

CREATE TABLE calendar_integration (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  provider text NOT NULL CHECK (provider IN ('ics')),
  name text NOT NULL,
  host text NOT NULL,
  -- The address is a secret: sealed with the application key under (organization, id); its digest is keyed as well.
  sealed_url bytea NOT NULL,
  url_digest bytea NOT NULL,
  created_at timestamptz NOT NULL,
  last_attempt_at timestamptz,
  last_success_at timestamptz,
  next_attempt_at timestamptz NOT NULL,
  fresh_as_of timestamptz,
  not_before timestamptz,
  failures integer NOT NULL DEFAULT 0,
  -- { code, detail? }
  error jsonb,
  events integer NOT NULL DEFAULT 0,
  -- [{ uid?, line?, reason }]
  poison jsonb NOT NULL DEFAULT '[]',
  etag text,
  last_modified text,
  content_hash text,
  covered_until timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, user_id, url_digest),
  FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE
);

-- Instances, expanded. The summary is plain text as the titles of our meetings are: it is read by its owner alone, behind the same
-- wall, and searched and sorted nowhere; disks are encrypted below us.
CREATE TABLE external_event (
  organization_id uuid NOT NULL,
  integration_id uuid NOT NULL,
  -- Made of integration, uid and recurrence id.
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  uid text NOT NULL,
  recurrence_id local_time NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  all_day boolean NOT NULL,
  busy boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('confirmed', 'tentative')),
  summary text NOT NULL,
  PRIMARY KEY (organization_id, integration_id, id),
  FOREIGN KEY (organization_id, integration_id) REFERENCES calendar_integration ON DELETE CASCADE,
  CHECK (starts_at <= ends_at AND (starts_at < ends_at OR NOT busy))
);
-- A person's own list; and busy time alone, for availability.
CREATE INDEX external_event_window ON external_event (organization_id, user_id, starts_at) INCLUDE (ends_at);
CREATE INDEX external_event_busy ON external_event (organization_id, user_id, starts_at) INCLUDE (ends_at) WHERE busy;

CREATE TABLE calendar_feed (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('person', 'room')),
  room_id uuid,
  -- SHA-256 of the secret in the address.
  token_hash bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, token_hash),
  FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE,
  FOREIGN KEY (organization_id, room_id) REFERENCES room ON DELETE CASCADE,
  CHECK ((kind = 'room') = (room_id IS NOT NULL))
);
CREATE INDEX calendar_feed_owner ON calendar_feed (organization_id, user_id);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['calendar_integration', 'external_event', 'calendar_feed'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO convoke_app USING (organization_id = (SELECT current_organization()))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_integration, external_event, calendar_feed TO convoke_app;
