-- What somebody has declined is found without what he has not; a booking, which nobody has answered yet, writes neither of them.
CREATE INDEX participant_declined ON participant (organization_id, id) WHERE response = 'declined';
CREATE INDEX occurrence_answered ON occurrence (organization_id, starts_at) WHERE override ? 'answers';
