-- The audit becomes a chain per organisation, and news carries the trace of the request it came from.

-- Which transaction wrote a row: the sealer finds what was committed since it last looked, however late that was. Rows from
-- before have 0 and are found first.
ALTER TABLE audit ADD COLUMN xid xid8 NOT NULL DEFAULT '0';
ALTER TABLE audit ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
CREATE INDEX audit_xid ON audit (xid);

-- One per audit row, in the order they were found. `hash` is SHA-256 over `prev` and the row (domain/audit/chain.ts). Not
-- partitioned: a row is sealed once, whatever its month.
CREATE TABLE audit_seal (
  organization_id uuid NOT NULL,
  seq bigint NOT NULL,
  -- The key of the row within its organisation.
  audit_id uuid NOT NULL,
  at timestamptz NOT NULL,
  prev bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (organization_id, seq),
  UNIQUE (organization_id, audit_id)
);

-- How far each chain goes: a chain that was cut shorter does not reach it.
CREATE TABLE audit_head (
  organization_id uuid PRIMARY KEY,
  seq bigint NOT NULL,
  hash bytea NOT NULL
);

-- Every row of a transaction below `settled` has been seen, or will never be.
CREATE TABLE audit_sealer (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  settled xid8 NOT NULL DEFAULT '0'
);
INSERT INTO audit_sealer DEFAULT VALUES;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['audit_seal', 'audit_head'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO convoke_app USING (organization_id = (SELECT current_organization()))', t);
    EXECUTE format('CREATE POLICY sealer ON %I TO convoke_relay USING (true)', t);
  END LOOP;
END $$;
CREATE POLICY sealer ON audit FOR SELECT TO convoke_relay USING (true);

-- Who serves can add to the audit and change nothing of it, nor seal; who seals cannot write what is sealed.
GRANT SELECT ON audit_seal, audit_head, audit_sealer TO convoke_app;
GRANT SELECT ON audit TO convoke_relay;
GRANT SELECT, INSERT ON audit_seal TO convoke_relay;
GRANT SELECT, INSERT, UPDATE ON audit_head TO convoke_relay;
GRANT SELECT, UPDATE ON audit_sealer TO convoke_relay;

-- W3C traceparent of the request an event came from; null when no traces are made.
ALTER TABLE outbox ADD COLUMN trace text;
