-- Of an entry about one occurrence, who may read it: what was told of it must not be for more people than it was, whatever becomes of
-- the occurrence. Null: of the whole, or from before this was kept; then about one occurrence for who is invited only.
ALTER TABLE meeting_change
  ADD COLUMN visibility text CHECK (visibility IN ('organization', 'participants', 'busy_only')),
  -- Null: who is invited to the series.
  ADD COLUMN user_ids uuid[];
