-- The first shape of the store. Two kinds of tables (docs/ARCHITECTURE.md): installation tables in schema `identity`, and
-- tenant tables in `public`, which lead with organization_id in every key and are walled by forced row-level security.
-- The migrator creates the roles convoke_app and convoke_relay before this runs (db/migrate.ts).

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA identity;
GRANT USAGE ON SCHEMA identity, public TO convoke_app;
GRANT USAGE ON SCHEMA public TO convoke_relay;

-- The organisation of this transaction. STABLE and wrapped in a sub-select by every policy, so it is read once a query.
CREATE FUNCTION current_organization() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('app.organization', true), '')::uuid;

-- Installation tables: reached by db/identity only --------------------------------------------------------------

CREATE TABLE identity.organization (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX organization_name ON identity.organization (lower(name));

CREATE TABLE identity.account (
  id uuid PRIMARY KEY,
  email text NOT NULL CHECK (email = lower(email)),
  -- '!' opens nothing.
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_email ON identity.account (email);

-- Which user an account is in which organisation. Who founded the membership decides what opens it: the account's own
-- password (null), or, when an administrator made it, one of its own, so that neither side can open the other's door or
-- learn that it exists. '!' opens nothing.
CREATE TABLE identity.membership (
  account_id uuid NOT NULL REFERENCES identity.account ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  user_id uuid NOT NULL,
  password_hash text,
  -- The role changed: every node polls this to let it take effect.
  access_changed_at timestamptz,
  PRIMARY KEY (account_id, organization_id),
  UNIQUE (organization_id, user_id)
);
CREATE INDEX membership_access_changed ON identity.membership (access_changed_at) WHERE access_changed_at IS NOT NULL;

CREATE TABLE identity.session (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES identity.account ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  user_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  user_agent text,
  revoked_at timestamptz,
  revoked_reason text
);
CREATE INDEX session_account ON identity.session (account_id);
-- Every node polls this for what to close.
CREATE INDEX session_revoked ON identity.session (revoked_at) WHERE revoked_at IS NOT NULL;

-- Only the hash of a token is kept. A used token that comes back ends its session (RFC 9700, 4.14.2).
CREATE TABLE identity.refresh_token (
  token_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES identity.session ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  -- Its one repeat, for a lost answer.
  retried_at timestamptz
);
CREATE INDEX refresh_token_session ON identity.refresh_token (session_id);

-- Private keys are sealed with the application key; public halves are served as JWKS until `retires_at`.
CREATE TABLE identity.signing_key (
  id text PRIMARY KEY,
  public_jwk jsonb NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at timestamptz NOT NULL,
  retires_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA identity TO convoke_app;

-- People ---------------------------------------------------------------------------------------------------------

CREATE TABLE users (
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  first_name text NOT NULL,
  last_name text NOT NULL,
  department text,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'room_manager', 'member', 'guest', 'auditor', 'panel')),
  timezone text NOT NULL,
  -- { "mon": [["09:00", "17:00"]], … } in the person's own zone
  working_hours jsonb NOT NULL,
  preferences jsonb NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, email)
);

-- Places ---------------------------------------------------------------------------------------------------------

CREATE TABLE building (
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  address text,
  timezone text NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name)
);

CREATE TABLE floor (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  building_id uuid NOT NULL,
  name text NOT NULL,
  level integer NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, building_id, level),
  FOREIGN KEY (organization_id, building_id) REFERENCES building
);

-- The kinds of things a room can have; a room names them.
CREATE TABLE equipment (
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name)
);

CREATE TABLE room (
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  capacity integer NOT NULL CHECK (capacity BETWEEN 1 AND 10000),
  location text,
  floor_id uuid,
  equipment text[] NOT NULL DEFAULT '{}',
  amenities text[] NOT NULL DEFAULT '{}',
  -- { bufferBeforeMinutes?, bufferAfterMinutes?, maxDurationMinutes?, … } (domain/rooms/room.ts)
  booking_rules jsonb NOT NULL DEFAULT '{}',
  is_active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name),
  FOREIGN KEY (organization_id, floor_id) REFERENCES floor
);
CREATE INDEX room_floor ON room (organization_id, floor_id);

-- Meetings: series, occurrence, allocation ------------------------------------------------------------------------

-- Local times are text in RFC 5545 basic form (20261124T100000): civil fields, which no server setting can shift.
CREATE DOMAIN local_time AS text CHECK (VALUE ~ '^\d{8}T\d{6}$');

-- The organisation is checked through the organizer: a reference of its own would make every booking of an organisation
-- lock the same row.
CREATE TABLE meeting (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  organizer_id uuid NOT NULL,
  title text NOT NULL,
  description text NOT NULL DEFAULT '',
  status text NOT NULL CHECK (status IN ('tentative', 'pending', 'confirmed', 'cancelled')),
  visibility text NOT NULL CHECK (visibility IN ('organization', 'participants', 'busy_only')),
  timezone text NOT NULL,
  -- The first occurrence as its rule gives it: the wall clock is the truth of a series, the instants are derived.
  local_start local_time NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  -- Canonical RRULE value; null for a single meeting.
  rrule text,
  exdates text[] NOT NULL DEFAULT '{}',
  rdates text[] NOT NULL DEFAULT '{}',
  -- A rule is expanded up to here (exclusive); infinity when it has no more instances.
  materialised_until timestamptz NOT NULL,
  -- The zone data's version the instants were derived with.
  tz_version text NOT NULL,
  room_ids uuid[] NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  text_revision integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, organizer_id) REFERENCES users,
  CHECK (starts_at < ends_at)
);

CREATE TABLE participant (
  organization_id uuid NOT NULL,
  meeting_id uuid NOT NULL,
  -- The user's id, or an id of its own for a guest known by e-mail only.
  id uuid NOT NULL,
  user_id uuid,
  email text CHECK (email = lower(email)),
  role text NOT NULL CHECK (role IN ('required', 'optional', 'chair')),
  response text NOT NULL CHECK (response IN ('needs_action', 'accepted', 'tentative', 'declined')),
  PRIMARY KEY (organization_id, meeting_id, id),
  FOREIGN KEY (organization_id, meeting_id) REFERENCES meeting ON DELETE CASCADE,
  FOREIGN KEY (organization_id, user_id) REFERENCES users,
  CHECK ((user_id IS NULL) <> (email IS NULL)),
  CHECK (user_id IS NULL OR user_id = id)
);
CREATE UNIQUE INDEX participant_email ON participant (organization_id, meeting_id, email) WHERE email IS NOT NULL;

CREATE TABLE occurrence (
  organization_id uuid NOT NULL,
  meeting_id uuid NOT NULL,
  -- The local start its rule gives it. A moved occurrence keeps it (CONTRACT.md, Scopes).
  recurrence_id local_time NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('tentative', 'pending', 'confirmed', 'cancelled', 'conflicted')),
  PRIMARY KEY (organization_id, meeting_id, recurrence_id),
  FOREIGN KEY (organization_id, meeting_id) REFERENCES meeting ON DELETE CASCADE,
  CHECK (starts_at < ends_at)
);
CREATE INDEX occurrence_window ON occurrence (organization_id, starts_at) INCLUDE (ends_at);

-- The claim of one resource by one occurrence for one blocked range, buffers included. A claim lives by being here: what
-- is cancelled or released is deleted.
CREATE TABLE allocation (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  resource_id uuid NOT NULL,
  resource_kind text NOT NULL CHECK (resource_kind IN ('room', 'equipment', 'person')),
  meeting_id uuid NOT NULL,
  recurrence_id local_time NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  blocked_from timestamptz NOT NULL,
  blocked_until timestamptz NOT NULL,
  during tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(blocked_from, blocked_until)) STORED,
  exclusive boolean NOT NULL,
  PRIMARY KEY (organization_id, meeting_id, recurrence_id, resource_id),
  FOREIGN KEY (organization_id, meeting_id, recurrence_id) REFERENCES occurrence ON DELETE CASCADE,
  CHECK (starts_at < ends_at AND blocked_from <= starts_at AND ends_at <= blocked_until),
  -- The only judge of a double booking, for every writer.
  CONSTRAINT allocation_no_overlap
    EXCLUDE USING gist (organization_id WITH =, resource_id WITH =, during WITH &&) WHERE (exclusive)
);
CREATE INDEX allocation_resource ON allocation (organization_id, resource_id, starts_at) INCLUDE (ends_at);

-- News -------------------------------------------------------------------------------------------------------------

-- The last sequence number of each topic: gap-free, taken last in every transaction, in topic order.
CREATE TABLE topic_head (
  organization_id uuid NOT NULL,
  topic text NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (organization_id, topic)
) WITH (fillfactor = 70);

CREATE SEQUENCE outbox_id;

-- One row per command and topic. `position` is given by the relay: gap-free per shard, in delivery order.
CREATE TABLE outbox (
  id bigint NOT NULL DEFAULT nextval('outbox_id'),
  organization_id uuid NOT NULL,
  topic text NOT NULL,
  seq bigint NOT NULL,
  type text NOT NULL,
  at timestamptz NOT NULL,
  data jsonb NOT NULL,
  shard smallint NOT NULL,
  position bigint,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX outbox_undelivered ON outbox (id) WHERE position IS NULL;
CREATE INDEX outbox_position ON outbox (shard, position) WHERE position IS NOT NULL;
CREATE INDEX outbox_topic ON outbox (organization_id, topic, seq);
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

-- How far the relay has delivered each shard; nodes compare themselves with it.
CREATE TABLE relay_position (
  shard smallint PRIMARY KEY,
  position bigint NOT NULL DEFAULT 0
);
INSERT INTO relay_position (shard) SELECT generate_series(0, 15);

-- One relay at a time. `epoch` changes when the log was restored to an earlier point: cursors from before are void.
CREATE TABLE relay_lease (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  holder uuid,
  expires_at timestamptz NOT NULL DEFAULT '-infinity',
  epoch integer NOT NULL DEFAULT 1
);
INSERT INTO relay_lease DEFAULT VALUES;

-- Partitions are made ahead by a role that owns nothing; the default partitions are the net.
CREATE FUNCTION ensure_partitions(months_ahead integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  parent text;
  first_day date;
BEGIN
  FOREACH parent IN ARRAY ARRAY['outbox', 'audit'] LOOP
    FOR ahead IN 0..months_ahead LOOP
      first_day := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead);
      EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                     parent || to_char(first_day, '_YYYY_MM'), parent,
                     first_day::timestamp AT TIME ZONE 'UTC', (first_day + interval '1 month') AT TIME ZONE 'UTC');
    END LOOP;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION ensure_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions TO convoke_relay;

-- Records ------------------------------------------------------------------------------------------------------------

CREATE TABLE audit (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid NOT NULL,
  session_id uuid,
  request_id text NOT NULL,
  action text NOT NULL,
  subject_id uuid NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (organization_id, id, at)
) PARTITION BY RANGE (at);
CREATE TABLE audit_default PARTITION OF audit DEFAULT;

-- Not partitioned: a key's uniqueness must see across midnight. Rows go after `expires_at`.
CREATE TABLE idempotency_key (
  organization_id uuid NOT NULL,
  actor_id uuid NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  -- json, not jsonb: a repeat gets the very same bytes.
  value json,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, actor_id, operation, key)
);
CREATE INDEX idempotency_key_expiry ON idempotency_key (expires_at);

-- The tenant wall ------------------------------------------------------------------------------------------------------

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['users', 'building', 'floor', 'equipment', 'room', 'meeting', 'participant', 'occurrence',
                           'allocation', 'topic_head', 'outbox', 'audit', 'idempotency_key'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO convoke_app USING (organization_id = (SELECT current_organization()))', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON users, building, floor, equipment, room, meeting, participant, occurrence,
  allocation, topic_head, idempotency_key TO convoke_app;
GRANT SELECT, INSERT ON outbox, audit TO convoke_app;
GRANT USAGE ON SEQUENCE outbox_id TO convoke_app;

-- The relay and the socket nodes' fill read the log of every organisation, and nothing else.
CREATE POLICY relay ON outbox TO convoke_relay USING (true);
GRANT SELECT, UPDATE (position) ON outbox TO convoke_relay;
GRANT SELECT, UPDATE ON relay_position, relay_lease TO convoke_relay;
