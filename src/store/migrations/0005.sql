-- Version 5: networks with ids of their own, and what is no message: reactions, receipts, what was taken back.

-- Of a sent message: what the network calls it. What arrived has that as its id.
ALTER TABLE messages ADD COLUMN network_id TEXT;

CREATE UNIQUE INDEX messages_network_id ON messages (network_id) WHERE network_id IS NOT NULL;

-- What a letter of the local network is, as in `messages`.
ALTER TABLE local_messages ADD COLUMN kind TEXT NOT NULL DEFAULT 'send';

-- What a receipt may turn into `delivered`.
CREATE INDEX messages_sent ON messages (conversation, seq) WHERE status = 'sent';

-- Whose address it is.
CREATE INDEX contact_handles_address ON contact_handles (network, address);
