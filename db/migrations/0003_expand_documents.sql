-- Shared documents of meetings: an append-only log of Yjs updates each, and snapshots that make the log short.

CREATE TABLE doc (
  organization_id uuid NOT NULL,
  -- As clients name it: meeting:<id>, or meeting:<id>:<recurrence id> for one occurrence.
  id text NOT NULL,
  meeting_id uuid NOT NULL,
  recurrence_id local_time,
  -- Moves when the document begins anew: what was read before belongs to another one.
  epoch integer NOT NULL DEFAULT 1,
  -- The last sequence number of its log: gap-free, taken under this row's lock.
  head bigint NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, meeting_id) REFERENCES meeting ON DELETE CASCADE,
  CHECK (id = 'meeting:' || meeting_id || coalesce(':' || recurrence_id, ''))
) WITH (fillfactor = 70);
CREATE INDEX doc_meeting ON doc (organization_id, meeting_id);

CREATE TABLE doc_update (
  organization_id uuid NOT NULL,
  doc_id text NOT NULL,
  seq bigint NOT NULL,
  -- One or several merged Yjs updates (v1).
  payload bytea NOT NULL,
  -- The users whose edits these are; empty for the server's own.
  author_ids uuid[] NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, doc_id, seq),
  FOREIGN KEY (organization_id, doc_id) REFERENCES doc ON DELETE CASCADE
);

-- The whole document as of a sequence number. The one before the newest is kept, with the log from there on.
CREATE TABLE doc_snapshot (
  organization_id uuid NOT NULL,
  doc_id text NOT NULL,
  upto_seq bigint NOT NULL,
  state bytea NOT NULL,
  state_vector bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, doc_id, upto_seq),
  FOREIGN KEY (organization_id, doc_id) REFERENCES doc ON DELETE CASCADE
);

-- What the projector has made of a document: title and description are in the meeting's own row.
CREATE TABLE doc_text (
  organization_id uuid NOT NULL,
  doc_id text NOT NULL,
  projected_seq bigint NOT NULL,
  -- Everything a person can read in it, for search.
  search_text text NOT NULL,
  PRIMARY KEY (organization_id, doc_id),
  FOREIGN KEY (organization_id, doc_id) REFERENCES doc ON DELETE CASCADE
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['doc', 'doc_update', 'doc_snapshot', 'doc_text'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO convoke_app USING (organization_id = (SELECT current_organization()))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON doc, doc_update, doc_snapshot, doc_text TO convoke_app;

-- A node compares how far its open documents are, of all organisations at once; it sees numbers, no text.
CREATE POLICY relay ON doc TO convoke_relay USING (true);
GRANT SELECT (organization_id, id, head) ON doc TO convoke_relay;
