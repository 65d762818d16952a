-- Version 1: what the user told Herald to keep.

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- ---------------------------------------------------------------------------------------------------------
-- Messages: the journal of what was confirmed (outbox) and of what arrived (inbox), and the local network.
-- Names and contact ids are kept as they were: a contact that is deleted takes no message with it.

-- A conversation is known by an id that follows from its members, the owner of the device not counted.
CREATE TABLE conversations (
    id      TEXT PRIMARY KEY,
    network TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation_members (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    address      TEXT NOT NULL,
    position     INTEGER NOT NULL,
    contact_id   INTEGER,
    name         TEXT NOT NULL,
    PRIMARY KEY (conversation, address)
) STRICT, WITHOUT ROWID;

-- `seq` is the order of everything: a clock may be wrong, a sequence is not.
-- `sender` is the address of who wrote it; NULL is the owner.
CREATE TABLE messages (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    conversation   TEXT NOT NULL REFERENCES conversations (id),
    kind           TEXT NOT NULL,
    sender         TEXT,
    body           TEXT NOT NULL,
    in_reply_to    TEXT,
    at             TEXT NOT NULL,
    status         TEXT NOT NULL,
    reason         TEXT,
    -- Outgoing: since when it waits, milliseconds since 1970, corrected when the clock jumps.
    waits_since_ms INTEGER,
    -- Incoming: 1 once Herald has told that it arrived.
    announced      INTEGER
) STRICT;

-- What waits to be sent, in order; small however large the journal grows.
CREATE INDEX messages_waiting ON messages (conversation, seq) WHERE status IN ('queued', 'sending');
-- What needs the user's decision.
CREATE INDEX messages_stuck ON messages (seq) WHERE status IN ('wedged', 'expired');
CREATE INDEX messages_unread ON messages (conversation, seq) WHERE status = 'received';
CREATE INDEX messages_unannounced ON messages (seq) WHERE announced = 0;

-- The local network: what a server is to the other networks. `id` makes a second sending of a message no
-- second message. `sender` is NULL for the owner of the device.
CREATE TABLE local_messages (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    sender       TEXT,
    body         TEXT NOT NULL,
    in_reply_to  TEXT,
    at           TEXT NOT NULL,
    taken_back   INTEGER NOT NULL DEFAULT 0,
    fetched      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX local_messages_new ON local_messages (seq) WHERE fetched = 0 AND sender IS NOT NULL;
