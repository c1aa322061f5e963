-- What becomes of a booking in its room, what sensors say of rooms, and the topics the relay derives from the news of rooms.

-- One row per booking of a room that somebody or the clock has said something about. It outlives the claim: a released or
-- cancelled booking is deleted from `allocation`, and what became of it stays here. No foreign key to the meeting: the row of a
-- walk-up is written before it, so that the booking's own statement stays the last.
CREATE TABLE room_use (
  organization_id uuid NOT NULL,
  meeting_id uuid NOT NULL,
  recurrence_id local_time NOT NULL,
  room_id uuid NOT NULL,
  -- The claim it was about when it was last written.
  allocation_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  -- As booked when it was last written; where it ended or was released early, what it was booked for.
  booked_until timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('upcoming', 'check_in_open', 'warned', 'kept', 'occupied', 'checked_in', 'empty', 'asked',
                                       'overrun', 'released', 'ended', 'gone')),
  opened_at timestamptz,
  checked_in_at timestamptz,
  checked_in_by uuid,
  warned_at timestamptz,
  kept_at timestamptz,
  kept_by uuid,
  overran_at timestamptz,
  ended_at timestamptz,
  ended_by uuid,
  end_reason text CHECK (end_reason IN ('time', 'early', 'empty')),
  released_at timestamptz,
  -- The nil UUID: the clock.
  released_by uuid,
  release_reason text CHECK (release_reason IN ('no_show', 'given_back')),
  release_note text,
  PRIMARY KEY (organization_id, meeting_id, recurrence_id, room_id),
  FOREIGN KEY (organization_id, room_id) REFERENCES room,
  CHECK ((state = 'released') = (released_at IS NOT NULL)),
  -- Every release has reason and actor.
  CHECK ((released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (release_reason IS NULL))
);
CREATE INDEX room_use_room ON room_use (organization_id, room_id, starts_at);
CREATE INDEX room_use_allocation ON room_use (organization_id, allocation_id);
-- No-shows of a series are counted here, and those of a day.
CREATE INDEX room_use_released ON room_use (organization_id, released_at) WHERE released_at IS NOT NULL;

-- The newest word about each room.
CREATE TABLE room_occupancy (
  organization_id uuid NOT NULL,
  room_id uuid NOT NULL,
  at timestamptz NOT NULL,
  present boolean NOT NULL,
  count integer,
  changed_at timestamptz NOT NULL,
  last_present_at timestamptz,
  silence_told_at timestamptz,
  PRIMARY KEY (organization_id, room_id),
  FOREIGN KEY (organization_id, room_id) REFERENCES room
) WITH (fillfactor = 70);

-- `at` is in the key because it partitions; a sample's id comes with one time only.
CREATE TABLE occupancy_sample (
  organization_id uuid NOT NULL,
  id text NOT NULL,
  at timestamptz NOT NULL,
  room_id uuid NOT NULL,
  present boolean NOT NULL,
  count integer,
  confidence real,
  reported_by uuid NOT NULL,
  PRIMARY KEY (organization_id, id, at)
) PARTITION BY RANGE (at);
CREATE INDEX occupancy_sample_room ON occupancy_sample (organization_id, room_id, at);
CREATE TABLE occupancy_sample_default PARTITION OF occupancy_sample DEFAULT;

-- Whatever is partitioned by time gets its months.
CREATE OR REPLACE FUNCTION ensure_partitions(months_ahead integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  parent text;
  first_day date;
BEGIN
  FOR parent IN
    SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
    WHERE c.relnamespace = 'public'::regnamespace AND p.partstrat = 'r' ORDER BY c.relname
  LOOP
    FOR ahead IN 0..months_ahead LOOP
      first_day := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead);
      EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                     parent || to_char(first_day, '_YYYY_MM'), parent,
                     first_day::timestamp AT TIME ZONE 'UTC', (first_day + interval '1 month') AT TIME ZONE 'UTC');
    END LOOP;
  END LOOP;
END $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['room_use', 'room_occupancy', 'occupancy_sample'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO convoke_app USING (organization_id = (SELECT current_organization()))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON room_use, room_occupancy TO convoke_app;
GRANT SELECT, INSERT ON occupancy_sample TO convoke_app;

-- Derived topics ---------------------------------------------------------------------------------------------------

-- shardOf of domain/news.ts (FNV-1a, 32 bits, modulo 16).
CREATE FUNCTION shard_of(topic text) RETURNS smallint
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  hash bigint := 2166136261;
BEGIN
  FOR i IN 1..length(topic) LOOP
    hash := ((hash # ascii(substr(topic, i, 1))) * 16777619) & 4294967295;
  END LOOP;
  RETURN hash & 15;
END $$;

-- Floors of an organisation whose change its dashboard was not told of yet.
CREATE TABLE dashboard_news (
  organization_id uuid PRIMARY KEY,
  floors uuid[] NOT NULL,
  told_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON dashboard_news TO convoke_relay;

-- The relay learns where a room is, and nothing else of it; it numbers its own topics and no other.
CREATE POLICY relay ON room FOR SELECT TO convoke_relay USING (true);
GRANT SELECT (organization_id, id, floor_id) ON room TO convoke_relay;
CREATE POLICY relay ON topic_head TO convoke_relay USING (topic LIKE 'floor:%' OR topic LIKE 'dashboard:%');
GRANT SELECT, INSERT, UPDATE ON topic_head TO convoke_relay;
GRANT INSERT ON outbox TO convoke_relay;
GRANT USAGE ON SEQUENCE outbox_id TO convoke_relay;
