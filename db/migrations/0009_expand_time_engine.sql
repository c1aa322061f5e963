-- Edits by scope, answers, holds, people's own rules about their time, plans, and what became of a meeting.

-- An occurrence that has anything of its own keeps it here, property by property (domain/meetings/meeting.ts: Override); its
-- times and status columns say what holds.
ALTER TABLE occurrence ADD COLUMN override jsonb;
ALTER TABLE occurrence NO FORCE ROW LEVEL SECURITY;
ALTER TABLE meeting NO FORCE ROW LEVEL SECURITY;
UPDATE occurrence o SET override = '{"cancelled": true}'
FROM meeting m
WHERE m.organization_id = o.organization_id AND m.id = o.meeting_id AND o.status = 'cancelled' AND m.status <> 'cancelled';
ALTER TABLE occurrence FORCE ROW LEVEL SECURITY;
ALTER TABLE meeting FORCE ROW LEVEL SECURITY;

ALTER TABLE meeting
  ADD COLUMN all_day boolean NOT NULL DEFAULT false,
  -- The occurrence of another series with which this one began.
  ADD COLUMN split_meeting_id uuid,
  ADD COLUMN split_recurrence_id text,
  -- UNTIL was made by a split or a DELETE.
  ADD COLUMN ends_by_split boolean NOT NULL DEFAULT false,
  ADD CHECK ((split_meeting_id IS NULL) = (split_recurrence_id IS NULL));

ALTER TABLE participant
  ADD COLUMN comment text,
  -- false: invited to single occurrences only, whose overrides name him.
  ADD COLUMN in_series boolean NOT NULL DEFAULT true;

-- What a meeting was before each change of it, for those who may read it; the first version is the meeting as booked.
CREATE TABLE meeting_change (
  organization_id uuid NOT NULL,
  meeting_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid NOT NULL,
  -- In whose name a delegate acted.
  on_behalf_of uuid,
  action text NOT NULL,
  scope text CHECK (scope IN ('this', 'following', 'all')),
  recurrence_id text,
  version integer NOT NULL,
  -- { field: { "before": …, "after": … } }
  changes jsonb NOT NULL,
  PRIMARY KEY (organization_id, meeting_id, id),
  FOREIGN KEY (organization_id, meeting_id) REFERENCES meeting ON DELETE CASCADE
);

-- Holds ----------------------------------------------------------------------------------------------------------

-- A claim of one span of several resources for a short time. Its rows in `allocation` are what keeps others out; what has
-- expired is deleted by the next writer that wants the span, or by a job at `expires_at`.
CREATE TABLE hold (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  renewals smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE,
  CHECK (starts_at < ends_at)
);
CREATE INDEX hold_owner ON hold (organization_id, user_id);

-- A claim is of an occurrence or of a hold. No primary key: an index more would be paid by every booking, and each kind of
-- claim has a unique key.
ALTER TABLE allocation DROP CONSTRAINT allocation_pkey;
ALTER TABLE allocation ALTER COLUMN meeting_id DROP NOT NULL;
ALTER TABLE allocation ALTER COLUMN recurrence_id DROP NOT NULL;
ALTER TABLE allocation ADD COLUMN hold_id uuid;
ALTER TABLE allocation
  ADD CONSTRAINT allocation_owner CHECK ((hold_id IS NULL) = (meeting_id IS NOT NULL) AND (meeting_id IS NULL) = (recurrence_id IS NULL)),
  ADD FOREIGN KEY (organization_id, hold_id) REFERENCES hold ON DELETE CASCADE;
CREATE UNIQUE INDEX allocation_claim ON allocation (organization_id, meeting_id, recurrence_id, resource_id);
CREATE UNIQUE INDEX allocation_hold ON allocation (organization_id, hold_id, resource_id) WHERE hold_id IS NOT NULL;
CREATE INDEX allocation_held ON allocation (organization_id, resource_id) WHERE hold_id IS NOT NULL;

-- People ---------------------------------------------------------------------------------------------------------

-- What a person says about his time beside the week in `working_hours` (domain/availability/person-rules.ts).
ALTER TABLE users
  ADD COLUMN time_rules jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN absences jsonb NOT NULL DEFAULT '[]';

-- Who may act for whom.
CREATE TABLE delegate (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  delegate_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, principal_id, delegate_id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES users ON DELETE CASCADE,
  FOREIGN KEY (organization_id, delegate_id) REFERENCES users ON DELETE CASCADE,
  CHECK (principal_id <> delegate_id)
);

-- The audit names both: `actor_id` did it, in the name of this person.
ALTER TABLE audit ADD COLUMN on_behalf_of uuid;

-- Days on which nobody who keeps that calendar works.
CREATE TABLE holiday (
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  calendar text NOT NULL,
  day date NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (organization_id, calendar, day)
);

-- Plans ----------------------------------------------------------------------------------------------------------

-- What POST /meetings/preview answered, until it is committed or lapses.
CREATE TABLE booking_plan (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  plan jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX booking_plan_expiry ON booking_plan (expires_at);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['meeting_change', 'hold', 'delegate', 'holiday', 'booking_plan'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO convoke_app USING (organization_id = (SELECT current_organization()))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO convoke_app', t);
  END LOOP;
END $$;
