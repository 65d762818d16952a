-- Version 3: several people share the device, each with conversations of their own.

-- Whose conversation it is, as `general.accounts` names them; empty for the owner.
ALTER TABLE conversations ADD COLUMN account TEXT NOT NULL DEFAULT '';

-- Of a copy for somebody else in the household: the id of the message as it was sent.
ALTER TABLE local_messages ADD COLUMN origin TEXT;

CREATE INDEX local_messages_origin ON local_messages (origin) WHERE origin IS NOT NULL;

-- Who did it; NULL where it was Herald itself, whoever was there.
ALTER TABLE audit ADD COLUMN account TEXT;
