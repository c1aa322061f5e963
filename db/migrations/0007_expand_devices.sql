-- Panels beside rooms: a device stands for a user of role panel, and its session lives until it is revoked.

-- Of a device: nobody's account.
ALTER TABLE identity.session ALTER COLUMN account_id DROP NOT NULL;
-- Every node polls this for what has ended by its age.
CREATE INDEX session_expiry ON identity.session (expires_at);
CREATE INDEX session_of_user ON identity.session (organization_id, user_id);

-- A code on its way to a panel. Only its keyed hash is kept: six digits are guessed from a plain one.
CREATE TABLE identity.device_pairing (
  code_hash bytea PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES identity.organization ON DELETE CASCADE,
  -- What the device will be called by.
  id uuid NOT NULL,
  room_id uuid NOT NULL,
  name text NOT NULL,
  created_by uuid NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX device_pairing_open ON identity.device_pairing (organization_id, expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.device_pairing TO convoke_app;

CREATE TABLE device (
  organization_id uuid NOT NULL,
  -- Also the id of its user.
  id uuid NOT NULL,
  room_id uuid NOT NULL,
  name text NOT NULL,
  session_id uuid NOT NULL,
  paired_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, id) REFERENCES users,
  FOREIGN KEY (organization_id, room_id) REFERENCES room
);
CREATE INDEX device_room ON device (organization_id, room_id) WHERE revoked_at IS NULL;

ALTER TABLE device ENABLE ROW LEVEL SECURITY;
ALTER TABLE device FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON device TO convoke_app USING (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON device TO convoke_app;
