-- A preview lets go of its owner's older plans: his, not everybody's, are looked through.

CREATE INDEX booking_plan_owner ON booking_plan (organization_id, user_id, id);
